#include "identity/additional_keys.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.h"
#include "model/fingerprint.h"

namespace gyre::identity {
namespace {

constexpr std::size_t longest_hostname = 253;  // of the domain name system

// A name, an IPv4 or an IPv6 address; nothing that ssh_config would take for more than one word or a pattern.
Result<void> check_hostname(const std::string& hostname) {
    if (hostname.size() > longest_hostname) return too_large("a hostname may have 253 characters");
    const auto fine = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':'; };
    if (hostname.starts_with('-') || !std::ranges::all_of(hostname, fine))
        return invalid("a hostname has letters, digits, '.', '-', '_' and ':' (IPv6), such as git.example.org");
    in6_addr address{};
    const auto colon = hostname.find(':');
    if (colon == std::string::npos || ::inet_pton(AF_INET6, hostname.c_str(), &address) == 1) return {};
    return invalid("'" + hostname + "' is neither a hostname nor an IPv6 address: give the name alone, '" +
                   hostname.substr(0, colon) + "'; the key is used whatever the port is");
}

SecretPlace place_of(const ProjectId& project, const KeptKey& key) {
    return {SecretKind::ssh_key, project.text, key.md5 + " " + key.hostname};
}

Result<PrivateSshKey> read_kept(Vault& vault, const StoredSecret& secret) {
    GYRE_TRY_ASSIGN(const auto text, vault.opened(secret));
    return read_private_ssh_key(text);
}

bool has_fingerprint(const KeptKey& kept, const std::string& fingerprint) {
    return kept.md5 == fingerprint || (kept.key && kept.key->sha256() == fingerprint);
}

}  // namespace

Result<KeptKey> add_additional_key(Vault& vault, const ProjectId& project, const std::string& hostname,
                                   std::string_view text, Timestamp at) {
    GYRE_TRY(check_hostname(hostname));
    GYRE_TRY_ASSIGN(auto key, read_private_ssh_key(text));
    KeptKey added{lowered(hostname), key.md5(), at, std::move(key)};
    const auto place = place_of(project, added);
    GYRE_TRY_ASSIGN(const auto known, vault.sealed(place.kind, place.owner));
    const auto same = std::ranges::find(known, place, &StoredSecret::place);
    if (same != known.end()) added.created_at = same->created_at;
    GYRE_TRY(vault.put(place, added.key->text, at));
    return added;
}

Result<std::vector<AdditionalKey>> additional_keys(Vault& vault, const ProjectId& project) {
    GYRE_TRY_ASSIGN(auto kept, kept_keys(vault, project));
    std::vector<AdditionalKey> keys;
    for (auto& [hostname, md5, created_at, key] : kept) {
        if (!key) return key.error().during("the SSH key " + md5);
        keys.push_back({std::move(hostname), std::move(*key), created_at});
    }
    return keys;
}

Result<std::vector<KeptKey>> kept_keys(Vault& vault, const ProjectId& project) {
    GYRE_TRY_ASSIGN(const auto secrets, vault.sealed(SecretKind::ssh_key, project.text));
    std::vector<KeptKey> keys;
    for (const auto& secret : secrets) {
        const auto& name = secret.place.name;
        const auto md5_ends = name.find(' ');
        keys.push_back(
            {name.substr(md5_ends + 1), name.substr(0, md5_ends), secret.created_at, read_kept(vault, secret)});
    }
    return keys;
}

Result<std::vector<KeptKey>> kept_keys_by(Vault& vault, const ProjectId& project,
                                          const std::optional<std::string>& hostname, const std::string& fingerprint) {
    GYRE_TRY_ASSIGN(auto keys, kept_keys(vault, project));
    const std::string wanted = normal_fingerprint(fingerprint);
    std::erase_if(keys, [&](const KeptKey& one) {
        return !has_fingerprint(one, wanted) || (hostname && one.hostname != lowered(*hostname));
    });
    return keys;
}

Result<bool> remove_key(Vault& vault, const ProjectId& project, const KeptKey& key) {
    return vault.remove(place_of(project, key));
}

}  // namespace gyre::identity
