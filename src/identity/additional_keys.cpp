#include "identity/additional_keys.h"

#include <algorithm>

#include "base/ascii.h"

namespace gyre::identity {
namespace {

constexpr std::size_t longest_hostname = 253;  // of the domain name system

// A name, an IPv4 or an IPv6 address; nothing that ssh_config would take for more than one word or a pattern.
Result<void> check_hostname(const std::string& hostname) {
    if (hostname.size() > longest_hostname) return too_large("a hostname may have 253 characters");
    const auto fine = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':'; };
    if (!hostname.starts_with('-') && std::ranges::all_of(hostname, fine)) return {};
    return invalid("a hostname has letters, digits, '.', '-', '_' and ':' (IPv6), such as git.example.org");
}

SecretPlace place_of(const ProjectId& project, const AdditionalKey& key) {
    return {SecretKind::ssh_key, project.text, key.key.md5() + " " + key.hostname};
}

}  // namespace

Result<AdditionalKey> add_additional_key(Vault& vault, const ProjectId& project, const std::string& hostname,
                                         std::string_view text, Timestamp at) {
    GYRE_TRY(check_hostname(hostname));
    GYRE_TRY_ASSIGN(auto key, read_private_ssh_key(text));
    AdditionalKey added{lowered(hostname), std::move(key), at};
    GYRE_TRY(vault.put(place_of(project, added), added.key.text, at));
    return added;
}

Result<std::vector<AdditionalKey>> additional_keys(Vault& vault, const ProjectId& project) {
    GYRE_TRY_ASSIGN(const auto secrets, vault.of(SecretKind::ssh_key, project.text));
    std::vector<AdditionalKey> keys;
    for (const auto& secret : secrets) {
        GYRE_TRY_ASSIGN(auto key, read_private_ssh_key(secret.value));
        keys.push_back({secret.name.substr(secret.name.find(' ') + 1), std::move(key), secret.created_at});
    }
    return keys;
}

Result<int> remove_additional_keys(Vault& vault, const ProjectId& project, const std::string& hostname,
                                   const std::string& fingerprint) {
    GYRE_TRY_ASSIGN(const auto keys, additional_keys(vault, project));
    int removed = 0;
    for (const auto& one : keys) {
        if (one.key.md5() != fingerprint && one.key.sha256() != fingerprint) continue;
        if (!hostname.empty() && one.hostname != lowered(hostname)) continue;
        GYRE_TRY_ASSIGN(const bool was_there, vault.remove(place_of(project, one)));
        if (was_there) ++removed;
    }
    return removed;
}

}  // namespace gyre::identity
