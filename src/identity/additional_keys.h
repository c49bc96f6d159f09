#pragma once

// Additional SSH keys of projects, which `add_ssh_keys` gives to jobs: private keys with the host that each is for.
// The vault keeps them, by the name "<MD5 fingerprint> <hostname>"; names are no secret. Thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/private_ssh_key.h"
#include "identity/vault.h"
#include "model/ids.h"

namespace gyre::identity {

struct AdditionalKey {
    std::string hostname;  // empty: any host
    PrivateSshKey key;
    Timestamp created_at{};
};

// Replaces the same key for the same host. `invalid`, `too_large` with a sentence; what the vault says.
Result<AdditionalKey> add_additional_key(Vault& vault, const ProjectId& project, const std::string& hostname,
                                         std::string_view text, Timestamp at);
Result<std::vector<AdditionalKey>> additional_keys(Vault& vault, const ProjectId& project);
// By either fingerprint. An empty hostname: of every host. Answers how many there were.
Result<int> remove_additional_keys(Vault& vault, const ProjectId& project, const std::string& hostname,
                                   const std::string& fingerprint);

}  // namespace gyre::identity
