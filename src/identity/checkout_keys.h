#pragma once

// Checkout keys of projects: private SSH keys that their git remotes are read with, by server and agents. One is
// preferred: the one that was made so last, or else added last. The vault keeps them, by the name
// "<MD5 fingerprint> <type>"; names are no secret. Thread-safe.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "identity/private_ssh_key.h"
#include "identity/vault.h"
#include "model/ids.h"

namespace gyre::identity {

// Where the public part lies: at the one repository, or at an account that may read more.
enum class CheckoutKeyType { deploy_key, user_key };
constexpr EnumNames<CheckoutKeyType, 2> enum_names(CheckoutKeyType) {
    return {{{CheckoutKeyType::deploy_key, "deploy-key"}, {CheckoutKeyType::user_key, "user-key"}}};
}

// As the vault holds it: one that cannot be opened or read any more can be seen and removed all the same.
struct CheckoutKey {
    CheckoutKeyType type = CheckoutKeyType::deploy_key;
    std::string md5;  // fingerprint
    bool preferred = false;
    Timestamp created_at{};
    Result<PrivateSshKey> key;
};

// A key of the caller's (`text` as read_private_ssh_key takes it), or a new one where it is empty. It becomes the
// preferred one, or stands behind the one that is. `conflict`: the project has this key already; `invalid`,
// `too_large` with a sentence; what the vault says.
enum class Rank { preferred, behind };
Result<CheckoutKey> add_checkout_key(Vault& vault, const ProjectId& project, CheckoutKeyType type,
                                     std::string_view text, Rank rank, Timestamp at);
// The preferred one first.
Result<std::vector<CheckoutKey>> checkout_keys(Vault& vault, const ProjectId& project);
// By its fingerprint, MD5 or, where it can be read, SHA256. `not_found`.
Result<CheckoutKey> checkout_key_by(Vault& vault, const ProjectId& project, const std::string& fingerprint);
// From here on it is the preferred one. `not_found`; why it cannot be read.
Result<CheckoutKey> prefer_checkout_key(Vault& vault, const ProjectId& project, const std::string& fingerprint,
                                        Timestamp at);
// Of what stays, the one that was preferred last is. `not_found`.
Result<CheckoutKey> remove_checkout_key(Vault& vault, const ProjectId& project, const std::string& fingerprint);

// The preferred one, of all or of a type; nothing where there is none. Why it cannot be read: another is no stand-in.
Result<std::optional<PrivateSshKey>> preferred_key(Vault& vault, const ProjectId& project,
                                                   std::optional<CheckoutKeyType> type = std::nullopt);

}  // namespace gyre::identity
