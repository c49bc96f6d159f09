#include "agent/cutter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace gyre::agent {
namespace {

constexpr CutSizes small{.least = 64, .average = 256, .most = 1024};

std::vector<std::string> chunks_of(std::string_view bytes, const CutSizes& sizes) {
    std::vector<std::string> chunks;
    while (!bytes.empty()) {
        const auto length = first_chunk(bytes, sizes);
        chunks.emplace_back(bytes.substr(0, length));
        if (length == 0) break;
        bytes.remove_prefix(length);
    }
    return chunks;
}

std::string random_bytes(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

std::string joined(const std::vector<std::string>& chunks) {
    std::string bytes;
    for (const auto& chunk : chunks) bytes += chunk;
    return bytes;
}

TEST(Cutter, keeps_every_byte_and_its_bounds_whatever_comes) {
    const bool held = rc::check([](const std::vector<unsigned char>& piece, unsigned char repeats) {
        std::string bytes;
        for (int i = 0; i <= repeats; ++i) bytes.append(piece.begin(), piece.end());
        const auto chunks = chunks_of(bytes, small);
        RC_ASSERT(joined(chunks) == bytes);
        for (std::size_t i = 0; i < chunks.size(); ++i) {
            RC_ASSERT(chunks[i].size() <= small.most);
            RC_ASSERT(i + 1 == chunks.size() || chunks[i].size() >= small.least);
        }
    });
    EXPECT_TRUE(held);
}

TEST(Cutter, does_not_look_behind_the_longest_chunk) {
    const bool held = rc::check([](unsigned seed, bool zeros) {
        const auto bytes = zeros ? std::string(5000, '\0') : random_bytes(5000, seed);
        RC_ASSERT(first_chunk(bytes, small) == first_chunk(std::string_view(bytes).substr(0, small.most), small));
    });
    EXPECT_TRUE(held);
}

TEST(Cutter, cuts_at_the_same_places_however_the_bytes_come) {
    const bool held = rc::check([](unsigned seed, const std::vector<unsigned char>& pieces) {
        const auto bytes = random_bytes(3000, seed);
        Cutter cutter(small);
        std::vector<std::string> chunks;
        std::size_t begin = 0;
        std::size_t end = 0;
        for (std::size_t i = 0; end < bytes.size(); ++i) {
            end = std::min(bytes.size(), end + (pieces.empty() ? 7 : pieces[i % pieces.size()] + 1u));
            while (const auto length = cutter.cut(std::string_view(bytes).substr(begin, end - begin))) {
                chunks.push_back(bytes.substr(begin, *length));
                begin += *length;
            }
        }
        if (begin < bytes.size()) chunks.push_back(bytes.substr(begin));
        RC_ASSERT(chunks == chunks_of(bytes, small));
    });
    EXPECT_TRUE(held);
}

// Other cuts would make every cache that is stored already new once.
TEST(Cutter, cuts_where_it_always_did) {
    const auto bytes = random_bytes(8 << 20, 3);
    std::vector<std::size_t> lengths;
    for (const auto& chunk : chunks_of(bytes, {})) lengths.push_back(chunk.size());
    EXPECT_EQ((std::vector<std::size_t>{836268, 1098403, 1118790, 1081617, 1605879, 1084128, 1563523}), lengths);
}

TEST(Cutter, an_edit_changes_the_chunks_around_it_only) {
    const auto before = random_bytes(200'000, 1);
    const auto known = chunks_of(before, small);
    const std::set<std::string> known_set(known.begin(), known.end());
    for (const std::size_t at : {0, 1, 70'000, 199'999}) {
        for (const auto& inserted : {std::string("x"), std::string(500, 'y')}) {
            std::string after = before;
            after.insert(at, inserted);
            std::size_t fresh = 0;
            for (const auto& chunk : chunks_of(after, small)) fresh += known_set.contains(chunk) ? 0 : 1;
            EXPECT_LE(fresh, 8u) << "of " << known.size() << ", at " << at;
        }
    }
}

TEST(Cutter, comes_to_about_the_average) {
    const auto bytes = random_bytes(64 << 20, 7);
    const auto count = chunks_of(bytes, {}).size();
    EXPECT_GE(count, 40u);
    EXPECT_LE(count, 90u);
}

TEST(Cutter, cuts_what_never_changes_at_the_longest_chunk) {
    EXPECT_EQ(CutSizes{}.most, first_chunk(std::string(5 << 20, '\0')));
}

}  // namespace
}  // namespace gyre::agent
