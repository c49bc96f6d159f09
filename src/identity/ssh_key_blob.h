#pragma once

// The binary forms of SSH keys: strings and numbers as RFC 4251 section 5 writes them, and the container in which
// OpenSSH keeps private keys (PROTOCOL.key of its sources). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::identity {

void put_number(std::string& blob, std::uint32_t number);
void put_text(std::string& blob, std::string_view text);

// Takes fields off the front of a blob; nothing when it is too short.
class BlobReader {
public:
    explicit BlobReader(std::string_view blob) : rest_(blob) {}
    std::optional<std::uint32_t> number();
    std::optional<std::string_view> text();
    bool skip(std::string_view expected);
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// The public part of a container with one key that no passphrase protects; `invalid` with what is wrong and what to do.
Result<std::string> public_part(std::string_view container);

// A container with one ed25519 key. `seed` and `point` have 32 bytes: the private and the public part of RFC 8032.
std::string ed25519_container(std::string_view seed, std::string_view point);
std::string ed25519_public(std::string_view point);

}  // namespace gyre::identity
