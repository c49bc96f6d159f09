#include "config/text_hash.h"

#include <cstdint>
#include <cstring>
#include <memory>

namespace gyre::config {
namespace {

struct Secret {
    std::uint64_t start = 0;
    std::uint64_t factor = 0;
};

// Both halves of the product: each bit of it depends on all bits below.
std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t number_of(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

// From where the system put the program, its stack and its heap: this module asks nobody for random numbers.
const Secret& secret() {
    static const Secret once = [] {
        static const char in_program = 0;
        const char on_stack = 0;
        const auto on_heap = std::make_unique<char[]>(1U << 20U);
        const std::uint64_t start =
            folded_product(number_of(&in_program) ^ 0x9E3779B97F4A7C15U, number_of(&on_stack) ^ 0xD1B54A32D192ED03U);
        return Secret{start, folded_product(start ^ number_of(on_heap.get()), 0xA0761D6478BD642FU) | 1U};
    }();
    return once;
}

template <typename Number>
std::uint64_t number_at(const char* bytes) {
    Number number = 0;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

// The last eight bytes, or as many as there are.
std::uint64_t end_of(std::string_view text) {
    const char* end = text.data() + text.size();
    if (text.size() >= 8) return number_at<std::uint64_t>(end - 8);
    if (text.size() >= 4) return number_at<std::uint32_t>(text.data()) << 32U | number_at<std::uint32_t>(end - 4);
    std::uint64_t bytes = 0;
    for (const char c : text) bytes = bytes << 8U | static_cast<unsigned char>(c);
    return bytes;
}

}  // namespace

std::size_t TextHash::operator()(std::string_view text) const {
    const Secret& random = secret();
    std::uint64_t state = random.start ^ text.size();
    const std::uint64_t end = end_of(text);
    for (; text.size() > 8; text.remove_prefix(8))
        state = folded_product(state ^ number_at<std::uint64_t>(text.data()), random.factor);
    return folded_product(folded_product(state ^ end, random.factor) ^ random.factor, random.start | 1U);
}

}  // namespace gyre::config
