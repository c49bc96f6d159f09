// Caches as chunks: what is sent, what is not, and what goes wrong on the way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <atomic>

#include "agent/attempt_harness.h"
#include "agent/chunk_fetcher.h"
#include "agent/pace.h"
#include "agent/zstd_chunk.h"
#include "base/digest.h"
#include "model/chunk_list.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::World;

SaveCacheStep save(std::string key) { return {.key = std::move(key), .paths = {"tree"}}; }
RestoreCacheStep restore(std::string key) { return {.keys = {std::move(key)}}; }
constexpr auto make_tree = "mkdir tree; for i in 1 2 3 4 5 6; do head -c 3000000 /dev/urandom > tree/$i; done";

TEST(Chunks, of_what_did_not_change_are_not_sent_again) {
    World world;
    world.run(make_tree).step(save("one")).run("echo x >> tree/3").step(save("two")).step(save("three")).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    const auto list = [&](std::size_t cache) {
        return *read_chunk_list(world.gateway.blobs[world.gateway.caches[cache].blob]);
    };
    EXPECT_GE(list(0).size(), 8u);
    const auto one = list(0);
    std::size_t fresh = 0;
    const auto two = list(1);
    for (const auto& chunk : two) fresh += std::count(one.begin(), one.end(), chunk) == 0 ? 1 : 0;
    EXPECT_LE(fresh, 4u);
    EXPECT_GE(fresh, 1u);
    EXPECT_THAT(world.output(4), HasSubstr("of which 0 bytes were new"));
}

TEST(Chunks, come_back_as_they_were_in_spite_of_mishaps) {
    World world;
    world.run(make_tree).run("cat tree/* | sha256sum").step(save("k")).start();
    ASSERT_EQ("succeeded", world.how());
    const auto hash = world.output(1);
    world.next_job();
    std::atomic<int> calls = 0;
    world.gateway.mishap = [&](const std::string& method, const std::string& what) {
        const bool chunk = method == "GET" && what.starts_with("blobs/");
        return chunk && ++calls % 3 == 0 ? Mishap::hang_up : Mishap::none;
    };
    world.run("rm -r tree").step(restore("k")).run("cat tree/* | sha256sum").start();
    EXPECT_EQ(hash, world.output(2)) << world.output(1);
}

TEST(Chunks, are_sent_in_spite_of_mishaps) {
    World world;
    std::atomic<int> calls = 0;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        constexpr std::array mishaps{Mishap::none, Mishap::hang_up, Mishap::lose_answer, Mishap::busy, Mishap::none};
        return what.starts_with("blobs") ? mishaps[static_cast<std::size_t>(++calls) % mishaps.size()] : Mishap::none;
    };
    world.run(make_tree).step(save("k")).start();
    EXPECT_THAT(world.output(1), HasSubstr("Stored the cache"));
    const auto chunks = *read_chunk_list(world.gateway.blobs[world.gateway.caches.at(0).blob]);
    EXPECT_GE(chunks.size(), 8u);
    for (const auto& chunk : chunks) EXPECT_TRUE(world.gateway.blobs.contains(chunk.sha256));
}

TEST(Chunks, that_come_too_slowly_are_a_miss) {
    World world;
    world.run(make_tree).step(save("k")).start();
    world.next_job();
    const auto list = world.gateway.caches.at(0).blob;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what.starts_with("blobs/") && what != "blobs/" + list ? Mishap::hang_up : Mishap::none;
    };
    world.assignment.limits.restore_ms = 1;
    world.step(restore("k")).run("echo went on").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("too slowly"));
    EXPECT_EQ("went on\n", world.output(1));
}

TEST(Chunks, a_stop_ends_their_transfer) {
    World world;
    world.assignment.limits.job_ms = 300;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what.starts_with("blobs") ? Mishap::busy : Mishap::none;
    };
    world.run("mkdir tree; echo x > tree/x").step(save("k")).start();
    EXPECT_EQ("timed_out", world.how());
}

// As versions before stored them: one frame.
TEST(Chunks, are_not_needed_for_what_earlier_versions_stored) {
    World world;
    world.run("mkdir tree; echo old > tree/x").step(save("k")).start();
    ASSERT_EQ("succeeded", world.how());
    auto& entry = world.gateway.caches.at(0);
    const auto chunks = *read_chunk_list(world.gateway.blobs[entry.blob]);
    ASSERT_EQ(1u, chunks.size());
    entry.blob = chunks[0].sha256;
    world.next_job();
    world.run("rm -r tree").step(restore("k")).run("cat tree/x").start();
    EXPECT_EQ("old\n", world.output(2)) << world.output(1);
}

TEST(Pace, counts_only_what_was_waited_for) {
    Pace pace(100, 10ms);
    pace.waited(9ms);
    EXPECT_FALSE(pace.is_too_slow());
    pace.came(100);
    pace.waited(1ms);
    EXPECT_FALSE(pace.is_too_slow()) << "100 bytes in 10 ms";
    pace.came(99);
    pace.waited(10ms);
    EXPECT_TRUE(pace.is_too_slow());
    Pace any = Pace::any();
    any.waited(1h);
    EXPECT_FALSE(any.is_too_slow());
}

TEST(ZstdChunk, is_not_believed_to_be_as_long_as_it_says) {
    ChunkCompressor compressor;
    ChunkDecompressor decompressor;
    const std::string zeros(1 << 20, '\0');
    const auto frame = *compressor.compress(zeros);
    EXPECT_EQ(frame, *compressor.compress(zeros));
    EXPECT_EQ(zeros, *decompressor.decompress(frame, zeros.size()));
    for (const std::size_t wrong : {std::size_t{1}, zeros.size() - 1, zeros.size() + 1})
        EXPECT_EQ(Fault::corrupt, decompressor.decompress(frame, wrong).error().fault) << wrong;
    EXPECT_FALSE(decompressor.decompress(frame.substr(0, frame.size() - 1), zeros.size()).ok());
    EXPECT_FALSE(decompressor.decompress("no frame", 10).ok());
}

}  // namespace
}  // namespace gyre::agent
