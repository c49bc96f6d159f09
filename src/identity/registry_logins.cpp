#include "identity/registry_logins.h"

#include <algorithm>

#include "base/utf8.h"
#include "model/image_reference.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

// What is sealed: the user name, which has no line's end, and behind one the password, which may have some.
std::string to_text(const RegistryLogin& login) { return login.username + "\n" + login.password; }

Result<RegistryLogin> from_text(const std::string& text) {
    const auto end = text.find('\n');
    if (end == std::string::npos) return corrupt("what is stored is no login");
    return RegistryLogin{text.substr(0, end), text.substr(end + 1)};
}

Result<RegistryLogin> opened(Vault& vault, const StoredSecret& secret) {
    GYRE_TRY_ASSIGN(const auto text, vault.opened(secret));
    return from_text(text);
}

// Registries hear "<user name>:<password>".
Result<void> check_username(const std::string& username) {
    const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == ':'; };
    if (username.size() > longest_registry_username) return too_large("the user name of a registry may have 256 bytes");
    if (username.empty() || std::ranges::any_of(username, is_bad))
        return invalid("the user name of a registry has at least one character, no ':' and no control characters");
    return {};
}

Result<void> check_password(const std::string& password) {
    if (password.size() > largest_registry_password) return too_large("the password of a registry may have 16 kB");
    if (valid_utf8(password) != password) return invalid("the password of a registry has to be UTF-8");
    if (password.find('\0') != std::string::npos) return invalid("the password of a registry cannot hold a NUL");
    if (password.size() < shortest_registry_password)
        return invalid("the password of a registry has at least 4 bytes: a shorter one could not be masked in output");
    return {};
}

// Since when the organization has one to that registry; `at`, where somebody has removed it meanwhile.
Result<Timestamp> age_of(Vault& vault, const std::string& organization, const std::string& registry, Timestamp at) {
    GYRE_TRY_ASSIGN(const auto secrets, vault.sealed(SecretKind::registry_login, organization));
    const auto found =
        std::ranges::find_if(secrets, [&](const StoredSecret& one) { return one.place.name == registry; });
    return found == secrets.end() ? at : found->created_at;
}

}  // namespace

Result<StoredLogin> put_registry_login(Vault& vault, const std::string& organization, std::string_view registry,
                                       const RegistryLogin& login, Timestamp at) {
    GYRE_TRY_ASSIGN(auto name, parse_registry(registry));
    GYRE_TRY(check_username(login.username));
    GYRE_TRY(check_password(login.password));
    GYRE_TRY(vault.put({SecretKind::registry_login, organization, name}, to_text(login), at));
    GYRE_TRY_ASSIGN(const auto created_at, age_of(vault, organization, name, at));
    return StoredLogin{std::move(name), created_at, at, login};
}

Result<std::vector<StoredLogin>> registry_logins(Vault& vault, const std::string& organization) {
    GYRE_TRY_ASSIGN(const auto secrets, vault.sealed(SecretKind::registry_login, organization));
    std::vector<StoredLogin> logins;
    for (const auto& secret : secrets)
        logins.push_back({secret.place.name, secret.created_at, secret.updated_at, opened(vault, secret)});
    return logins;
}

Result<std::string> remove_registry_login(Vault& vault, const std::string& organization, std::string_view registry) {
    GYRE_TRY_ASSIGN(auto name, parse_registry(registry));
    GYRE_TRY_ASSIGN(const bool was_there, vault.remove({SecretKind::registry_login, organization, name}));
    if (!was_there) return not_found("The organization has no login to this registry.");
    return name;
}

}  // namespace gyre::identity
