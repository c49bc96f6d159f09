#pragma once

// Public keys of SSH as people paste them: one line "<type> <base64> [comment]", the content of a *.pub file. Strict:
// what is stored is byte for byte what a key of that type must be, and nothing else; options as in authorized_keys,
// certificates, private keys and weak keys are refused with a sentence that says what to give instead. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

struct SshKey {
    std::string type;         // "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "sk-ssh-ed25519@openssh.com", ...
    std::string blob;         // base64 with padding, the only form of these bytes
    std::string comment;      // what stood behind it; may be empty; no control characters
    std::string fingerprint;  // "SHA256:..." as ssh-keygen -l prints it; names the key
    bool operator==(const SshKey&) const = default;
    std::string line() const { return type + ' ' + blob; }  // for authorized_keys
};

// `invalid`, or `too_large` for more than 16 kB.
Result<SshKey> parse_ssh_key(std::string_view text);

// "SHA256:" and the unpadded base64 of the digest of a key's bytes (not of their base64).
std::string ssh_fingerprint(std::string_view bytes);

}  // namespace gyre
