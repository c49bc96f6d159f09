#pragma once

// A private SSH key, as people hand it in: its form is checked, nothing is known of whether anybody lets it in. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::identity {

struct PrivateSshKey {
    std::string text;         // as ssh reads it; lines end in '\n', also the last one. Secret
    std::string public_blob;  // RFC 4253 section 6.6

    std::string public_line() const;  // "ssh-ed25519 AAAA..."
    std::string md5() const;          // fingerprint "aa:bb:...", 16 bytes
    std::string sha256() const;       // fingerprint "SHA256:..." in base64 without padding
};

// Of ed25519, ECDSA (NIST's curves) or RSA, without a passphrase, in OpenSSH's form, PKCS#8, or the older forms of PEM;
// lines may end in "\r\n". An ed25519 key in PKCS#8, which older ssh cannot read, is brought into OpenSSH's form.
// `invalid` with what to do, `too_large`; the message holds nothing of the text.
Result<PrivateSshKey> read_private_ssh_key(std::string_view text);

// A new one, of ed25519. `unavailable`: the system gives no random bytes. Not pure.
Result<PrivateSshKey> make_private_ssh_key();

}  // namespace gyre::identity
