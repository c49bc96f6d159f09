#pragma once

// SSH keys for tests, made of nothing: never use one of them.

#include <string>

#include "base/digest.h"

namespace gyre::identity {

// An ed25519 key in PKCS#8, whose 32 private bytes are all the same.
inline std::string ed25519_pkcs8(char seed) {
    const std::string front("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
    return "-----BEGIN PRIVATE KEY-----\n" + to_base64(front + std::string(32, seed)) + "\n-----END PRIVATE KEY-----\n";
}

}  // namespace gyre::identity
