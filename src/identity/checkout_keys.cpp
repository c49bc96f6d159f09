#include "identity/checkout_keys.h"

#include <algorithm>

#include "model/fingerprint.h"

namespace gyre::identity {
namespace {

constexpr std::size_t longest_fingerprint = 100;

SecretPlace place_of(const ProjectId& project, const CheckoutKey& key) {
    return {SecretKind::checkout_key, project.text, key.md5 + " " + std::string(name_of(key.type))};
}

Result<PrivateSshKey> read_kept(Vault& vault, const StoredSecret& secret) {
    GYRE_TRY_ASSIGN(const auto text, vault.opened(secret));
    return read_private_ssh_key(text);
}

// When a key was put in place last orders them: whatever else touches a secret leaves that time alone.
Result<std::vector<StoredSecret>> in_order(Vault& vault, const ProjectId& project) {
    GYRE_TRY_ASSIGN(auto secrets, vault.sealed(SecretKind::checkout_key, project.text));
    std::ranges::stable_sort(secrets, std::ranges::greater(), &StoredSecret::updated_at);
    return secrets;
}

CheckoutKeyType type_in(const std::string& name) {
    const auto type = enum_from<CheckoutKeyType>(name.substr(name.find(' ') + 1));
    return type.value_or(CheckoutKeyType::deploy_key);
}

// Later than all that are there, whatever the clocks of several servers say.
Timestamp after_all(const std::vector<StoredSecret>& secrets, Timestamp at) {
    return secrets.empty() ? at : std::max(at, secrets.front().updated_at + Duration{1});
}

Result<PrivateSshKey> given_or_made(std::string_view text) {
    return text.empty() ? make_private_ssh_key() : read_private_ssh_key(text);
}

}  // namespace

Result<std::vector<CheckoutKey>> checkout_keys(Vault& vault, const ProjectId& project) {
    GYRE_TRY_ASSIGN(const auto secrets, in_order(vault, project));
    std::vector<CheckoutKey> keys;
    for (const auto& secret : secrets) {
        const auto& name = secret.place.name;
        keys.push_back(
            {type_in(name), name.substr(0, name.find(' ')), keys.empty(), secret.created_at, read_kept(vault, secret)});
    }
    return keys;
}

Result<CheckoutKey> add_checkout_key(Vault& vault, const ProjectId& project, CheckoutKeyType type,
                                     std::string_view text, Rank rank, Timestamp at) {
    GYRE_TRY_ASSIGN(auto key, given_or_made(text));
    GYRE_TRY_ASSIGN(const auto others, checkout_keys(vault, project));
    if (std::ranges::find(others, key.md5(), &CheckoutKey::md5) != others.end())
        return conflict("the project has the checkout key " + key.md5() + " already");
    GYRE_TRY_ASSIGN(const auto stored, in_order(vault, project));
    CheckoutKey added{type, key.md5(), rank == Rank::preferred || others.empty(), at, std::move(key)};
    // In one write: the forge does not know a key behind the others yet, which must not be the preferred one for a
    // moment.
    const Timestamp changed_at = added.preferred ? after_all(stored, at) : stored.back().updated_at - Duration{1};
    GYRE_TRY(vault.put(place_of(project, added), added.key->text, at, changed_at));
    return added;
}

Result<CheckoutKey> checkout_key_by(Vault& vault, const ProjectId& project, const std::string& fingerprint) {
    if (fingerprint.empty() || fingerprint.size() > longest_fingerprint)
        return invalid("'fingerprint' must be that of a key, MD5 (aa:bb:...) or SHA256:...");
    GYRE_TRY_ASSIGN(auto keys, checkout_keys(vault, project));
    const std::string wanted = normal_fingerprint(fingerprint);
    const auto found = std::ranges::find_if(
        keys, [&](const CheckoutKey& one) { return one.md5 == wanted || (one.key && one.key->sha256() == wanted); });
    if (found == keys.end()) return not_found("Checkout key not found.");
    return std::move(*found);
}

Result<CheckoutKey> prefer_checkout_key(Vault& vault, const ProjectId& project, const std::string& fingerprint,
                                        Timestamp at) {
    GYRE_TRY_ASSIGN(auto key, checkout_key_by(vault, project, fingerprint));
    if (!key.key) return key.key.error().during("the checkout key " + key.md5);
    GYRE_TRY_ASSIGN(const auto stored, in_order(vault, project));
    GYRE_TRY(vault.put(place_of(project, key), key.key->text, after_all(stored, at)));
    key.preferred = true;
    return key;
}

Result<CheckoutKey> remove_checkout_key(Vault& vault, const ProjectId& project, const std::string& fingerprint) {
    GYRE_TRY_ASSIGN(auto key, checkout_key_by(vault, project, fingerprint));
    GYRE_TRY_ASSIGN(const bool was_there, vault.remove(place_of(project, key)));
    if (!was_there) return not_found("Checkout key not found.");
    return key;
}

Result<std::optional<PrivateSshKey>> preferred_key(Vault& vault, const ProjectId& project,
                                                   std::optional<CheckoutKeyType> type) {
    GYRE_TRY_ASSIGN(const auto secrets, in_order(vault, project));
    for (const auto& secret : secrets) {
        const auto& name = secret.place.name;
        if (type && type_in(name) != *type) continue;
        auto key = read_kept(vault, secret);
        if (!key) return key.error().during("the checkout key " + name.substr(0, name.find(' ')));
        return std::optional(std::move(*key));
    }
    return std::optional<PrivateSshKey>();
}

}  // namespace gyre::identity
