#include "base/random.h"

#include <sys/random.h>

#include <cstdlib>
#include <vector>

namespace gyre {
namespace {

std::vector<unsigned char> random_bytes(std::size_t count) {
    std::vector<unsigned char> bytes(count);
    std::size_t filled = 0;
    while (filled < count) {
        const auto got = getrandom(bytes.data() + filled, count - filled, 0);
        if (got < 0) std::abort();  // no randomness, no secrets: refusing to run is the only safe answer
        filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string hex(const std::vector<unsigned char>& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

}  // namespace

std::string random_uuid() {
    auto bytes = random_bytes(16);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    const std::string text = hex(bytes);
    return text.substr(0, 8) + '-' + text.substr(8, 4) + '-' + text.substr(12, 4) + '-' + text.substr(16, 4) + '-' +
           text.substr(20);
}

std::string random_token(std::size_t bytes) { return hex(random_bytes(bytes)); }

Entropy& kernel_entropy() {
    class Kernel final : public Entropy {
        std::string uuid() override { return random_uuid(); }
    };
    static Kernel kernel;
    return kernel;
}

}  // namespace gyre
