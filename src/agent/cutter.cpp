#include "agent/cutter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace gyre::agent {
namespace {

// A number for each byte, always the same ones: what they are decides where everybody cuts.
constexpr std::array<std::uint64_t, 256> gear = [] {
    std::array<std::uint64_t, 256> numbers{};
    std::uint64_t state = 0x67797265;  // any other would do as well
    for (auto& number : numbers) {
        state += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        number = mixed ^ (mixed >> 31);
    }
    return numbers;
}();

// Its upper bits hang on the last 64 bytes: a cut is where `ones` of them are all zero.
constexpr std::uint64_t upper(int ones) { return ~std::uint64_t{0} << (64 - ones); }

// The first place in [from, to) behind which the hash says to cut; `to` when there is none.
std::size_t find_cut(std::string_view bytes, std::size_t from, std::size_t to, std::uint64_t mask,
                     std::uint64_t& hash) {
    std::uint64_t now = hash;
    for (std::size_t at = from; at < to; ++at) {
        now = (now << 1) + gear[static_cast<unsigned char>(bytes[at])];
        if ((now & mask) == 0) return at + 1;
    }
    hash = now;
    return to;
}

}  // namespace

// Cuts are rarer before the average and more frequent behind it, so that few chunks are far from it.
std::size_t first_chunk(std::string_view bytes, const CutSizes& sizes) {
    if (bytes.size() <= sizes.least) return bytes.size();
    const std::size_t end = std::min(bytes.size(), sizes.most);
    const std::size_t middle = std::min(end, sizes.average);
    const int bits = static_cast<int>(std::bit_width(sizes.average)) - 1;
    std::uint64_t hash = 0;
    const std::size_t cut = find_cut(bytes, sizes.least, middle, upper(bits + 2), hash);
    return cut < middle ? cut : find_cut(bytes, middle, end, upper(bits - 2), hash);
}

}  // namespace gyre::agent
