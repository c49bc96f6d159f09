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

// Its upper bits hang on the last 64 bytes: a cut is where so many of them are all zero.
constexpr std::uint64_t below(int zeros) { return std::uint64_t{1} << (64 - zeros); }

std::uint64_t roll(std::uint64_t hash, char byte) { return (hash << 1) + gear[static_cast<unsigned char>(byte)]; }

// The first place in [from, to) behind which the hash is below `limit`. Every byte of a stream comes by here: by four
// at a time it takes two thirds of the time.
std::optional<std::size_t> find_cut(std::string_view bytes, std::size_t from, std::size_t to, std::uint64_t limit,
                                    std::uint64_t& hash) {
    std::uint64_t now = hash;
    std::size_t at = from;
    for (; at + 4 <= to; at += 4) {
        const std::uint64_t first = roll(now, bytes[at]);
        const std::uint64_t second = roll(first, bytes[at + 1]);
        const std::uint64_t third = roll(second, bytes[at + 2]);
        now = roll(third, bytes[at + 3]);
        if ((first < limit) | (second < limit) | (third < limit) | (now < limit)) [[unlikely]]
            return at + (first < limit ? 1 : second < limit ? 2 : third < limit ? 3 : 4);
    }
    for (; at < to; ++at) {
        now = roll(now, bytes[at]);
        if (now < limit) return at + 1;
    }
    hash = now;
    return std::nullopt;
}

}  // namespace

Cutter::Cutter(const CutSizes& sizes) : sizes_(sizes), seen_(sizes.least) {}

std::size_t Cutter::end_at(std::size_t length) {
    seen_ = sizes_.least;
    hash_ = 0;
    return length;
}

// Cuts are rarer before the average and more frequent behind it, so that few chunks are far from it.
std::optional<std::size_t> Cutter::cut(std::string_view bytes) {
    const int bits = static_cast<int>(std::bit_width(sizes_.average)) - 1;
    const std::size_t end = std::min(bytes.size(), sizes_.most);
    while (seen_ < end) {
        const bool is_early = seen_ < sizes_.average;
        const std::size_t to = is_early ? std::min(end, sizes_.average) : end;
        if (const auto found = find_cut(bytes, seen_, to, below(is_early ? bits + 2 : bits - 2), hash_))
            return end_at(*found);
        seen_ = to;
    }
    return end == sizes_.most ? std::optional(end_at(end)) : std::nullopt;
}

std::size_t first_chunk(std::string_view bytes, const CutSizes& sizes) {
    return Cutter(sizes).cut(bytes).value_or(bytes.size());
}

}  // namespace gyre::agent
