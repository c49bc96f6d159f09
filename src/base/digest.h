#pragma once

// SHA-256 for content addresses, token hashes and the `checksum` of cache keys; HMAC-SHA256 (RFC 2104) for what we
// sign.

#include <memory>
#include <string>
#include <string_view>

namespace gyre {

class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);
    std::string finish();  // 32 raw bytes; the object may not be used afterwards

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view text);  // 32 raw bytes
// Compares without telling by its duration where the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace gyre
