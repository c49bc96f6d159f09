#pragma once

// Additional SSH keys of projects, which `add_ssh_keys` gives to jobs: private keys with the host that each is for.
// The vault keeps them, by the name "<MD5 fingerprint> <hostname>"; names are no secret. Thread-safe.

#include <optional>
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

// As the vault holds it: one that cannot be opened or read any more can be seen and removed all the same.
struct KeptKey {
    std::string hostname;  // empty: any host
    std::string md5;       // fingerprint
    Timestamp created_at{};
    Result<PrivateSshKey> key;
};

// Replaces the same key for the same host, which keeps its created_at. `invalid`, `too_large` with a sentence; what the
// vault says.
Result<KeptKey> add_additional_key(Vault& vault, const ProjectId& project, const std::string& hostname,
                                   std::string_view text, Timestamp at);
// All of them, or why one cannot be read.
Result<std::vector<AdditionalKey>> additional_keys(Vault& vault, const ProjectId& project);
Result<std::vector<KeptKey>> kept_keys(Vault& vault, const ProjectId& project);
// Those with a fingerprint, MD5 or, where they can be read, SHA256. `hostname`: only that for this host, where empty is
// any host; nothing: of every host.
Result<std::vector<KeptKey>> kept_keys_by(Vault& vault, const ProjectId& project,
                                          const std::optional<std::string>& hostname, const std::string& fingerprint);
Result<bool> remove_key(Vault& vault, const ProjectId& project, const KeptKey& key);  // was there

}  // namespace gyre::identity
