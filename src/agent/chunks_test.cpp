// Caches as chunks: what is sent, what is not, and what goes wrong on the way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "agent/attempt_harness.h"
#include "agent/chunk_fetcher.h"
#include "agent/known_chunks.h"
#include "agent/pace.h"
#include "agent/zstd_chunk.h"
#include "base/digest.h"
#include "model/chunk_list.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::World;

SaveCacheStep save(std::string key) { return {.key = std::move(key), .paths = {"tree"}}; }
RestoreCacheStep restore(std::string key) { return {.keys = {std::move(key)}}; }
constexpr auto make_tree = "mkdir tree; for i in 1 2 3 4 5 6; do head -c 3000000 /dev/urandom > tree/$i; done";

ChunkList list_of(FakeGateway& gateway, std::size_t cache) {
    return *read_chunk_list(gateway.blobs[gateway.caches.at(cache).blob]);
}

// Chunks of the second cache that the first has not.
std::size_t count_fresh(FakeGateway& gateway) {
    const auto known = list_of(gateway, 0);
    const auto chunks = list_of(gateway, 1);
    return static_cast<std::size_t>(std::count_if(chunks.begin(), chunks.end(), [&](const Chunk& chunk) {
        return std::find(known.begin(), known.end(), chunk) == known.end();
    }));
}

TEST(Chunks, of_what_did_not_change_are_not_sent_again) {
    World world;
    world.run(make_tree).step(save("one")).run("echo x >> tree/3").step(save("two")).step(save("three")).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    EXPECT_GE(list_of(world.gateway, 0).size(), 8u);
    const auto fresh = count_fresh(world.gateway);
    EXPECT_LE(fresh, 4u);
    EXPECT_GE(fresh, 1u);
    EXPECT_THAT(world.output(4), HasSubstr("of which 0 bytes were new"));
}

// Stores the first cache anew in frames that this version does not make.
void store_in_other_frames(FakeGateway& gateway) {
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    ChunkDecompressor decompressor;
    auto chunks = list_of(gateway, 0);
    for (auto& chunk : chunks) {
        const auto content = *decompressor.decompress(gateway.blobs[chunk.sha256], chunk.content);
        std::string frame(ZSTD_compressBound(content.size()), '\0');
        frame.resize(ZSTD_compress2(context.get(), frame.data(), frame.size(), content.data(), content.size()));
        chunk = {sha256_hex(frame), std::ssize(frame), chunk.content};
        gateway.blobs[chunk.sha256] = frame;
    }
    const auto text = write_chunk_list(chunks);
    gateway.blobs[gateway.caches.at(0).blob = sha256_hex(text)] = text;
}

TEST(Chunks, that_were_restored_keep_their_names) {
    World world;
    world.run(make_tree).step(save("one")).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    store_in_other_frames(world.gateway);
    world.next_job();
    world.run("rm -r tree").step(restore("one")).run("echo x >> tree/3").step(save("two")).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    EXPECT_GE(count_fresh(world.gateway), 1u);
    EXPECT_LE(count_fresh(world.gateway), 4u);
}

TEST(Chunks, that_the_server_lost_since_are_sent_again) {
    World world;
    world.gateway.mishap = [&](const std::string& method, const std::string& what) {
        if (method == "GET" && what.starts_with("cache")) world.gateway.blobs.clear();
        return Mishap::none;
    };
    world.run(make_tree).step(save("one")).step(save("two")).start();
    ASSERT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(2), HasSubstr("Stored the cache"));
    const auto chunks = list_of(world.gateway, 1);
    EXPECT_GE(chunks.size(), 8u);
    for (const auto& chunk : chunks) EXPECT_TRUE(world.gateway.blobs.contains(chunk.sha256)) << chunk.sha256;
}

TEST(KnownChunks, are_found_by_their_content) {
    KnownChunks known;
    const std::vector<std::string> contents{"",       "a",
                                            "b",      std::string(1, '\0'),
                                            "a\0"s,   std::string(16, '\0'),
                                            "\0a"s,   std::string(17, '\0'),
                                            "aaaa",   std::string(1 << 20, '\0'),
                                            "a  aaa", std::string((1 << 20) + 1, '\0')};
    for (const auto& content : contents) {
        EXPECT_EQ(std::nullopt, known.find(*known.mark_of(content))) << content.size();
        known.add(*known.mark_of(content), {sha256_hex(content), 1, 1});
    }
    for (std::size_t i = 0; i < contents.size(); ++i) EXPECT_EQ(i, known.find(*known.mark_of(contents[i])));
    EXPECT_EQ(sha256_hex("b"), known.from(2, 1).at(0).sha256);
    EXPECT_EQ(2u, known.from(contents.size() - 2, 10).size());
    EXPECT_NE(*known.mark_of("a"), *KnownChunks().mark_of("a")) << "each attempt has its own key";
}

TEST(KnownChunks, say_what_this_machine_lacks_to_tell_content_apart) {
    const auto mark = KnownChunks("no such cipher").mark_of("a");
    ASSERT_FALSE(mark.ok());
    EXPECT_EQ(mark.error().fault, Fault::invalid);
    EXPECT_THAT(mark.error().message, ::testing::HasSubstr("enable its default provider"));
}

TEST(KnownChunks, have_a_limit) {
    KnownChunks known;
    for (std::uint64_t i = 0; i <= most_known_chunks; ++i) known.add({i, 0}, {"", 1, 1});
    EXPECT_TRUE(known.find({most_known_chunks - 1, 0}));
    EXPECT_FALSE(known.find({most_known_chunks, 0}));
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
