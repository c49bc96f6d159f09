#pragma once

// The key by which this machine's SSH is known: one for all its agents, so that a guest's known_hosts stays true from
// job to job. Ed25519, made by the agent that needs it first, kept in a file for its user only.

#include <libssh/libssh.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace gyre::agent {

struct SshKeyFree {
    void operator()(ssh_key key) const { ssh_key_free(key); }
};
using OwnedSshKey = std::unique_ptr<ssh_key_struct, SshKeyFree>;

struct HostKey {
    OwnedSshKey key;
    std::string fingerprint;  // "SHA256:..."
};

// Reads `path`, or makes it. `unavailable`, `corrupt`.
Result<HostKey> host_key_at(const std::string& path);

// "SHA256:..." of a key, private or public.
std::string fingerprint_of(ssh_key key);

}  // namespace gyre::agent
