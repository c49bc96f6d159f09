#include "output/sweep.h"

#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "model/chunk_list.h"

namespace gyre::output {
namespace {

using std::chrono::hours;

Timestamp at(std::int64_t second) { return Timestamp(Duration(second * 1000)); }

KeptCache cache(const std::string& project, const std::string& key, std::int64_t size) {
    return {CacheScope(ProjectId{project}), key, std::string(64, 'a'), size, at(0)};
}

std::string dropped(const std::vector<KeptCache>& caches, CacheLimits limits, std::int64_t to_free = 0) {
    std::string keys;
    for (const auto& one : caches_to_drop(caches, limits, to_free)) keys += one.key;
    return keys;
}

TEST(Eviction, takes_those_used_the_longest_time_ago_until_the_limits_hold) {
    const std::vector<KeptCache> caches{cache("p", "a", 10), cache("q", "b", 10), cache("p", "c", 10),
                                        cache("p", "d", 10)};
    EXPECT_EQ("", dropped(caches, {}));
    EXPECT_EQ("", dropped(caches, {.of_project = 30, .in_all = 40}));
    EXPECT_EQ("a", dropped(caches, {.of_project = 29}));
    EXPECT_EQ("ac", dropped(caches, {.of_project = 10}));
    EXPECT_EQ("ab", dropped(caches, {.in_all = 25}));
    EXPECT_EQ("abcd", dropped(caches, {.in_all = 1}));
    EXPECT_EQ("ab", dropped(caches, {}, 11)) << "the disk is nearly full";
    EXPECT_EQ("", dropped(caches, {}, -5));
}

TEST(Eviction, takes_for_a_full_disk_only_what_frees_some_of_it) {
    std::vector<KeptCache> caches{cache("p", "a", 10), cache("p", "b", 10), cache("p", "c", 10), cache("p", "d", 10)};
    caches[0].held = caches[2].held = true;
    EXPECT_EQ("b", dropped(caches, {}, 5));
    EXPECT_EQ("bd", dropped(caches, {}, 1000));
    EXPECT_EQ("ab", dropped(caches, {.in_all = 25})) << "limits count what is there";
    EXPECT_EQ("abd", dropped(caches, {.in_all = 35}, 15)) << "what the limit took frees nothing";
}

class Sweep : public ::testing::Test {
protected:
    Sweep() {
        project_.id = ProjectId{"p1"};
        project_.slug = "git/p1";
        EXPECT_TRUE(stores_.project_store().add(project_).ok());
    }
    std::string blob(const std::string& text) {
        const auto name = sha256_hex(text);
        EXPECT_TRUE(stores_.blob_store().append(name, 0, std::ssize(text), text).ok());
        return name;
    }
    // A cache of these chunks.
    std::string cache(const std::string& key, std::int64_t second, const std::vector<std::string>& texts) {
        ChunkList chunks;
        for (const auto& text : texts) chunks.push_back({blob(text), std::ssize(text), std::ssize(text)});
        const auto list = blob(write_chunk_list(chunks));
        EXPECT_TRUE(*stores_.keepsakes().add_cache(project_.id, {key, list, stored_bytes(chunks), at(second)}));
        return list;
    }
    Result<Swept> sweep(SweepRules rules = {}) {
        return output::sweep(
            stores_.keepsakes(), stores_.blob_store(), rules, [&] { return free_; }, [] { return Result<void>(); });
    }
    bool is_there(const std::string& text) { return *stores_.blob_store().exists(sha256_hex(text)); }

    memory::MemoryStores stores_;
    Project project_;
    std::optional<std::int64_t> free_;
};

TEST_F(Sweep, removes_what_nobody_names_once_it_is_idle_for_long_enough) {
    cache("k", 1, {"one", "two"});
    blob("left behind");
    EXPECT_EQ(0, sweep()->blobs) << "somebody may be about to name it";
    EXPECT_EQ(11, sweep()->waiting);
    stores_.blob_store().age(hours(25));
    const auto swept = *sweep();
    EXPECT_EQ(1, swept.blobs);
    EXPECT_EQ(11, swept.bytes);
    EXPECT_FALSE(is_there("left behind"));
    EXPECT_TRUE(is_there("one"));
    EXPECT_TRUE(is_there("two"));
}

TEST_F(Sweep, keeps_the_chunks_that_a_cache_shares_with_one_that_goes) {
    cache("old", 1, {"shared", "old only"});
    cache("new", 2, {"shared", "new only"});
    stores_.blob_store().age(hours(25));
    const auto swept = *sweep({.limits = {.of_project = 20}});
    EXPECT_EQ(1, swept.caches);
    EXPECT_FALSE(is_there("old only"));
    EXPECT_TRUE(is_there("shared"));
    EXPECT_TRUE(is_there("new only"));
    EXPECT_FALSE(stores_.keepsakes().find_cache(project_.id, {"old"})->has_value());
}

TEST_F(Sweep, drops_caches_while_the_disk_is_too_full) {
    cache("a", 1, {"aaaaaaaaaa"});
    cache("b", 2, {"bbbbbbbbbb"});
    stores_.blob_store().age(hours(25));
    free_ = 95;
    EXPECT_EQ(1, sweep({.least_free = 100})->caches);
    EXPECT_FALSE(is_there("aaaaaaaaaa"));
    EXPECT_TRUE(is_there("bbbbbbbbbb"));
}

// What was dropped an hour ago frees its place when the grace period is over: no more need go for it.
// A cache that was dropped, and stays for the manifest of a job that used it.
TEST_F(Sweep, keeps_what_a_manifest_names_with_its_chunks_for_as_long_as_it_may) {
    const auto now = SystemClock().now();
    const auto tell = [&](const char* job, const std::string& tree, std::chrono::hours ago) {
        const ToldManifest told{.body = "{}", .trees = {tree}, .told_at = now - ago};
        EXPECT_TRUE(stores_.run_records().save_manifest({{job}, 0, 1}, told).ok());
    };
    tell("old", cache("a", 1, {"aaaaaaaaaa"}), hours(24 * 40));
    tell("new", cache("b", 2, {"bbbbbbbbbb"}), hours(24 * 2));
    tell("fresh", cache("c", 3, {"cccccccccc"}), hours(2));
    stores_.blob_store().age(hours(25));
    EXPECT_EQ(3, sweep({.limits = {.in_all = 1}})->caches);
    EXPECT_TRUE(is_there("aaaaaaaaaa")) << "as long as the attempt is kept";
    EXPECT_EQ(1, sweep({.for_replay = hours(24 * 30)})->trees);
    EXPECT_FALSE(is_there("aaaaaaaaaa"));
    EXPECT_TRUE(is_there("bbbbbbbbbb"));
    free_ = 95;
    EXPECT_EQ(1, sweep({.least_free = 100, .for_replay = hours(24 * 30)})->trees) << "the disk is too full";
    EXPECT_FALSE(is_there("bbbbbbbbbb"));
    EXPECT_TRUE(is_there("cccccccccc")) << "somebody may be at it";
}

TEST_F(Sweep, keeps_caches_that_manifests_hold_when_the_disk_stays_full) {
    const auto now = SystemClock().now();
    for (const char* key : {"a", "b", "c"}) {
        const auto tree = cache(key, 1, {std::string(10, key[0])});
        const ToldManifest told{.body = "{}", .trees = {tree}, .told_at = now - hours(2)};
        EXPECT_TRUE(stores_.run_records().save_manifest({{std::string("job-") + key}, 0, 1}, told).ok());
    }
    cache("d", 4, {"dddddddddd"});
    stores_.blob_store().age(hours(25));
    free_ = 95;
    for (int hour = 0; hour < 5; ++hour) EXPECT_EQ(hour == 0 ? 1 : 0, sweep({.least_free = 1000})->caches) << hour;
    EXPECT_FALSE(is_there("dddddddddd"));
    EXPECT_TRUE(is_there("aaaaaaaaaa"));
}

TEST_F(Sweep, drops_no_more_caches_for_a_disk_that_what_is_dropped_will_free) {
    cache("a", 1, {"aaaaaaaaaa"});
    cache("b", 2, {"bbbbbbbbbb"});
    free_ = 95;
    EXPECT_EQ(1, sweep({.least_free = 100})->caches);
    EXPECT_EQ(0, sweep({.least_free = 100})->caches);
    EXPECT_TRUE(stores_.keepsakes().find_cache(project_.id, {"b"})->has_value());
}

TEST_F(Sweep, takes_a_named_blob_that_is_neither_list_nor_stream_for_one_without_chunks) {
    const auto odd = blob("odd");
    EXPECT_TRUE(*stores_.keepsakes().add_cache(project_.id, {"odd", odd, 3, at(1)}));
    blob("left behind");
    stores_.blob_store().age(hours(25));
    EXPECT_EQ(1, sweep()->blobs);
    EXPECT_TRUE(is_there("odd"));
}

// An agent asked whether the server has the chunk, was told so, and will name it.
TEST_F(Sweep, leaves_what_a_save_is_about_to_use_again) {
    blob("again");
    stores_.blob_store().age(hours(25));
    EXPECT_TRUE(stores_.blob_store().touch(sha256_hex("again"))->has_value());
    EXPECT_EQ(0, sweep()->blobs);
    EXPECT_TRUE(is_there("again"));
}

TEST_F(Sweep, removes_nothing_while_a_list_cannot_be_read) {
    const auto list = cache("k", 1, {"one"});
    blob("left behind");
    stores_.blob_store().age(hours(25));
    stores_.blob_store().spoil(list);
    const auto swept = sweep();
    EXPECT_EQ(Fault::corrupt, swept.error().fault);
    EXPECT_TRUE(is_there("one"));
    EXPECT_TRUE(is_there("left behind"));
}

}  // namespace
}  // namespace gyre::output
