#include "identity/vault.h"

#include <algorithm>

#include "model/secret.h"

namespace gyre::identity {
namespace {

constexpr int secrets_at_a_time = 100;

// The associated data. Neither kinds nor ids nor names hold a line's end.
std::string about(const SecretPlace& place) {
    return std::string(name_of(place.kind)) + "\n" + place.owner + "\n" + place.name;
}

int most_of(SecretKind kind) {
    switch (kind) {
        case SecretKind::project_variable:
            return most_project_variables;
        case SecretKind::context_variable:
            return most_variables;
        case SecretKind::ssh_key:
            return most_ssh_keys;
        case SecretKind::checkout_key:
            return most_checkout_keys;
        case SecretKind::registry_login:
            return most_registry_logins;
    }
    return 0;
}

// Others' names are made by additional_keys.h, checkout_keys.h and registry_logins.h, of what has been looked at.
Result<void> check_name(const SecretPlace& place) {
    const bool of_variable = place.kind == SecretKind::project_variable || place.kind == SecretKind::context_variable;
    return of_variable ? check_variable_name(place.name) : Result<void>{};
}

const std::string* missing_from(const KeyRing& keys, const std::vector<std::string>& names) {
    const auto missing = std::ranges::find_if(names, [&](const auto& name) { return !keys.has(name); });
    return missing == names.end() ? nullptr : &*missing;
}

std::vector<std::string> keys_of(const std::vector<StoredSecret>& stored) {
    std::vector<std::string> names;
    names.reserve(stored.size());
    for (const auto& one : stored) names.push_back(one.key);
    return names;
}

Result<std::string> value_of(const StoredSecret& stored, const KeyRing& keys) {
    auto value = keys.open(stored.sealed, about(stored.place));
    if (!value) return value.error().during(stored.place.name);
    return value;
}

std::string how_to_mend(const std::string& key) {
    return "secrets are sealed with the key " + key +
           ", which this server's key file does not hold: give it the file of the server that sealed them "
           "(secrets_key_file, or secrets.key in data_dir)";
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::open(SecretStore& store, KeySource source) {
    GYRE_TRY_ASSIGN(auto keys, source());
    GYRE_TRY_ASSIGN(const auto in_use, store.keys());
    if (const auto* missing = missing_from(keys, in_use)) return invalid(how_to_mend(*missing));
    return std::unique_ptr<Vault>(new Vault(store, std::move(source), std::move(keys)));
}

Result<KeyRing> Vault::read_again() {
    GYRE_TRY_ASSIGN(auto keys, source_());
    *keys_.lock() = keys;
    return keys;
}

// Keys that open all that was sealed with these.
Result<KeyRing> Vault::keys_for(const std::vector<std::string>& names) {
    KeyRing known = *keys_.lock();
    if (!missing_from(known, names)) return known;
    GYRE_TRY_ASSIGN(known, read_again());
    if (const auto* missing = missing_from(known, names)) return unavailable(how_to_mend(*missing));
    return known;
}

Result<void> Vault::put(const SecretPlace& place, std::string_view value, Timestamp created_at, Timestamp updated_at) {
    GYRE_TRY(check_name(place));
    GYRE_TRY(check_variable_value(value));
    GYRE_TRY_ASSIGN(const auto in_use, store_.keys());
    GYRE_TRY_ASSIGN(const auto ring, keys_for(in_use));
    GYRE_TRY_ASSIGN(auto sealed, ring.seal(value, about(place)));
    return store_.put({place, ring.newest(), std::move(sealed), created_at, updated_at}, most_of(place.kind));
}

Result<std::vector<Secret>> Vault::of(SecretKind kind, const std::string& owner) {
    GYRE_TRY_ASSIGN(const auto stored, store_.of(kind, owner));
    GYRE_TRY_ASSIGN(const auto ring, keys_for(keys_of(stored)));
    std::vector<Secret> secrets;
    secrets.reserve(stored.size());
    for (const auto& one : stored) {
        GYRE_TRY_ASSIGN(auto value, value_of(one, ring));
        secrets.push_back({one.place.name, std::move(value), one.created_at, one.updated_at});
    }
    return secrets;
}

Result<std::string> Vault::opened(const StoredSecret& secret) {
    GYRE_TRY_ASSIGN(const auto ring, keys_for({secret.key}));
    return value_of(secret, ring);
}

Result<int> Vault::seal_again() {
    GYRE_TRY_ASSIGN(const auto ring, read_again());
    int sealed = 0;
    while (true) {
        GYRE_TRY_ASSIGN(const auto stale, store_.not_sealed_with(ring.newest(), secrets_at_a_time));
        if (stale.empty()) return sealed;
        int now = 0;
        for (const auto& one : stale) {
            GYRE_TRY_ASSIGN(const auto value, value_of(one, ring));
            GYRE_TRY_ASSIGN(const auto again, ring.seal(value, about(one.place)));
            GYRE_TRY_ASSIGN(const bool done, store_.seal_again(one, ring.newest(), again));
            if (done) ++now;
        }
        if (now == 0) return conflict("secrets were set meanwhile with an older key: ask again");
        sealed += now;
    }
}

}  // namespace gyre::identity
