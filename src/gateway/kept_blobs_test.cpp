// What agents may name, and whose caches they see: agents lie here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"
#include "model/chunk_list.h"
#include "model/job_manifest.h"

namespace gyre::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ForkedWorld : public WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
public:
    ForkedWorld() : agent(socket()) {
        gateway->offer(first);
        EXPECT_EQ(200, agent.claim().status);
    }
    // From now on the pipeline is one of a fork's commits; empty: of the project's own.
    void belongs_to(const std::string& fork) {
        auto pipeline = *stores.workflow_store().load_pipeline({"pipe1"});
        pipeline.trigger.fork = fork;
        Commit commit{.event = {"belongs to " + fork + std::to_string(++changes_)}, .kind = "test"};
        commit.pipeline = pipeline;
        EXPECT_TRUE(stores.workflow_store().commit(commit).ok());
    }
    std::string save(const std::string& key, const std::string& text) {
        return agent.post("/cache", CacheEntry{.key = key, .blob = agent.blob(text)}).body;
    }
    std::string restore(const std::string& key) {
        const auto answer = agent.call("GET", "/cache?key=" + key);
        if (answer.status != 200) return "none";
        return agent.call("GET", "/blobs/" + from_json_text<CacheEntry>(answer.body)->blob).body;
    }
    AgentMouth agent;

private:
    int changes_ = 0;
};

const std::string stored = R"({"stored":true})";
const std::string not_stored = R"({"stored":false})";

TEST(Scopes, a_fork_reads_what_trusted_builds_stored_and_poisons_nothing) {
    ForkedWorld world;
    EXPECT_EQ(stored, world.save("deps-1", "trusted"));
    world.belongs_to("gh/mallory/demo");
    EXPECT_EQ("trusted", world.restore("deps-"));
    EXPECT_EQ(stored, world.save("deps-1", "poison"));
    EXPECT_EQ(not_stored, world.save("deps-1", "more poison"));
    EXPECT_EQ(stored, world.save("deps-2", "early poison")) << "a key that the project will use";
    EXPECT_EQ("early poison", world.restore("deps-"));

    world.belongs_to("");
    EXPECT_EQ("trusted", world.restore("deps-"));
    EXPECT_EQ("none", world.restore("deps-2"));
    EXPECT_EQ(stored, world.save("deps-2", "trusted too"));
    world.belongs_to("gh/trudy/demo");
    EXPECT_EQ("trusted too", world.restore("deps-2"));
    EXPECT_EQ("trusted", world.restore("deps-1"));
}

TEST(Scopes, are_what_the_records_say_and_not_what_an_agent_says) {
    ForkedWorld world;
    world.belongs_to("gh/mallory/demo");
    const auto blob = world.agent.blob("poison");
    for (const std::string lie : {R"("fork":"")", R"("scope":"")", R"("project":"p1")", R"("trusted":true)"})
        world.agent.call("POST", "/cache", R"({"key":"k","blob":")" + blob + "\"," + lie + "}");
    EXPECT_FALSE(world.stores.keepsakes().find_cache(ProjectId{"p1"}, {"k"})->has_value());
    EXPECT_TRUE(
        world.stores.keepsakes().find_cache(CacheScope(ProjectId{"p1"}, "gh/mallory/demo"), {"k"})->has_value());
}

TEST(Scopes, a_restored_cache_counts_as_used) {
    ForkedWorld world;
    world.save("a", "1");
    world.clock.advance(Duration{1000});
    world.save("b", "2");
    world.clock.advance(Duration{1000});
    world.restore("a");
    std::string order;
    (void)world.stores.keepsakes().each_cache([&](const KeptCache& cache) -> Result<void> {
        order += cache.key;
        return {};
    });
    EXPECT_EQ("ba", order);
}

TEST(KeptBlobs, tells_which_of_many_it_lacks) {
    ForkedWorld world;
    const auto there = world.agent.blob("there");
    const std::string lacking(64, 'a');
    const auto ask = [&](const std::vector<std::string>& names) {
        return world.agent.post("/blobs", wire::BlobNames{names});
    };
    EXPECT_EQ(R"({"names":[")" + lacking + R"("]})", ask({there, lacking, there}).body);
    EXPECT_EQ(R"({"names":[]})", ask({}).body);
    EXPECT_EQ(400, ask({"../../etc/passwd"}).status);
    EXPECT_EQ(413, ask(std::vector<std::string>(wire::most_blob_names + 1, there)).status);
}

TEST(KeptBlobs, a_question_keeps_what_is_there_from_being_swept) {
    ForkedWorld world;
    const auto there = world.agent.blob("there");
    auto& blobs = world.stores.blob_store();
    const std::vector<std::function<void()>> words{
        [&] { world.agent.post("/blobs", wire::BlobNames{{there}}); },
        [&] { world.agent.call("HEAD", "/blobs/" + there); },
        [&] { world.agent.blob("there"); },
        [&] { world.agent.post("/artifacts", Artifact{.path = "a", .blob = there}); },
        [&] {
            const auto list = world.agent.blob(write_chunk_list({{there, 5, 5}}));
            world.agent.post("/cache", CacheEntry{.key = "k", .blob = list});
        },
    };
    for (const auto& word : words) {
        blobs.age(std::chrono::hours(25));
        word();
        EXPECT_FALSE(*blobs.remove(there, std::chrono::hours(24)));
    }
    blobs.age(std::chrono::hours(25));
    EXPECT_TRUE(*blobs.remove(there, std::chrono::hours(24)));
}

TEST(KeptBlobs, a_list_names_what_is_there_in_its_true_size_and_within_the_limit) {
    ForkedWorld world;
    const std::string there = world.agent.blob("there");
    const auto save = [&](const ChunkList& chunks) {
        const auto list = world.agent.blob(write_chunk_list(chunks));
        return world.agent.post("/cache", CacheEntry{.key = "k", .blob = list});
    };
    EXPECT_THAT(save({{there, 5, 5}, {std::string(64, 'a'), 5, 5}}).body, HasSubstr("send it first"));
    EXPECT_THAT(save({{there, 1, 5}}).body, HasSubstr("not the size that its list says"));
    const auto broken = world.agent.blob("gyre-chunks 1\n" + there + " 5\n");
    EXPECT_EQ(400, world.agent.post("/cache", CacheEntry{.key = "k", .blob = broken}).status);
    EXPECT_EQ(200, save({{there, 5, 5}, {there, 5, 5}}).status);
    EXPECT_EQ(5, (*world.stores.keepsakes().find_cache(ProjectId{"p1"}, {"k"}))->size);
}

JobManifest manifest_of(const AttemptRef& attempt, const std::vector<std::string>& caches) {
    JobManifest manifest;
    manifest.attempt = attempt;
    for (const auto& blob : caches)
        manifest.caches.push_back({.keys = {"k"}, .found = CacheEntry{.key = "k", .blob = blob}, .restored = true});
    return manifest;
}

std::set<std::string> named_blobs(Keepsakes& keepsakes) {
    std::set<std::string> names;
    EXPECT_TRUE(keepsakes.each_named_blob([&](const std::string& name, bool) -> Result<void> {
        names.insert(name);
        return {};
    }));
    return names;
}

TEST(Manifests, are_stored_with_the_end_and_keep_what_they_name) {
    ForkedWorld world;
    const auto tree = world.agent.blob("a tree");
    world.stores.blob_store().age(std::chrono::hours(25));
    const std::string lost(64, 'e');
    const auto body = to_json_text(manifest_of(first, {tree, lost}));
    EXPECT_EQ(200, world.agent.post("/finish", wire::Finish{Succeeded{}, {}, body}).status);
    EXPECT_EQ(200, world.agent.post("/finish", wire::Finish{Succeeded{}, {}, body}).status) << "told again";
    EXPECT_EQ(body, world.stores.run_records().manifest(first)->value_or("none"));
    EXPECT_EQ(std::set<std::string>{tree}, named_blobs(world.stores.keepsakes())) << "not what is not there";
    EXPECT_FALSE(*world.stores.blob_store().remove(tree, std::chrono::hours(24))) << "it was touched";
}

TEST(Manifests, keep_no_list_of_chunks_that_a_sweep_could_not_read) {
    ForkedWorld world;
    const auto broken = world.agent.blob("gyre-chunks 1\ngarbage");
    const auto chunk = world.agent.blob("chunk");
    const auto lying = world.agent.blob("gyre-chunks 1\n" + std::string(64, 'e') + " 5 5\n");
    const auto body = to_json_text(manifest_of(first, {broken, lying, chunk}));
    EXPECT_EQ(200, world.agent.post("/finish", wire::Finish{Succeeded{}, {}, body}).status);
    EXPECT_EQ(std::set<std::string>{chunk}, named_blobs(world.stores.keepsakes()));
}

TEST(Manifests, that_make_no_sense_are_not_kept_and_hold_up_no_end) {
    auto other = manifest_of(second, {});
    auto lying = manifest_of(first, {"../../etc/passwd"});
    auto newer = manifest_of(first, {});
    newer.version = 2;
    for (const auto& body : {std::string("{"), std::string("[]"), std::string("null"),
                             std::string(largest_manifest + 1, ' '), std::string(5'000, '['), std::string("\x01\x02"),
                             to_json_text(other), to_json_text(lying), to_json_text(newer)}) {
        ForkedWorld world;
        EXPECT_EQ(200, world.agent.post("/finish", wire::Finish{Succeeded{}, {}, body}).status) << body.substr(0, 80);
        EXPECT_EQ(AttemptState::finished, world.attempt().state) << body.substr(0, 80);
        EXPECT_FALSE(world.stores.run_records().manifest(first)->has_value()) << body.substr(0, 80);
        EXPECT_TRUE(named_blobs(world.stores.keepsakes()).empty());
    }
}

TEST(Manifests, of_agents_that_tell_none_are_not_there) {
    ForkedWorld world;
    EXPECT_EQ(200, world.agent.call("POST", "/finish", R"({"outcome":{"kind":"succeeded"}})").status);
    EXPECT_FALSE(world.stores.run_records().manifest(first)->has_value());
}

class BrokenCache : public testing::TestWithParam<bool> {
protected:
    // The list of a saved cache of one chunk.
    std::string save() {
        const auto list = write_chunk_list({{chunk_ = world_.agent.blob("chunk"), 5, 7}});
        return world_.agent.post("/cache", CacheEntry{.key = "deps", .blob = world_.agent.blob(list)}).body;
    }
    int restore() { return world_.agent.call("GET", "/cache?key=deps").status; }
    httpd::RawAnswer fetch() { return world_.agent.call("GET", "/blobs/" + chunk_); }
    void lose() {
        auto& blobs = world_.stores.blob_store();
        if (GetParam()) return blobs.spoil(chunk_);
        EXPECT_TRUE(*blobs.remove(chunk_, std::chrono::seconds{0}));
    }

    ForkedWorld world_;
    std::string chunk_;
};

TEST_P(BrokenCache, is_forgotten_by_whoever_restores_it_and_saved_anew) {
    EXPECT_EQ(stored, save());
    lose();
    EXPECT_EQ(200, restore());
    const auto answer = fetch();
    EXPECT_EQ(404, answer.status);
    EXPECT_THAT(answer.body, HasSubstr("damaged or gone"));
    EXPECT_EQ(answer.body, fetch().body) << "asked again, it says the same";
    EXPECT_EQ(404, restore()) << "the key is free";
    EXPECT_EQ(stored, save());
    EXPECT_EQ(200, restore());
    EXPECT_EQ(200, fetch().status);
}

TEST_P(BrokenCache, of_the_project_is_forgotten_by_a_fork_that_restores_it) {
    EXPECT_EQ(stored, save());
    lose();
    world_.belongs_to("gh/mallory/demo");
    EXPECT_EQ(200, restore());
    EXPECT_EQ(404, fetch().status);
    world_.belongs_to("");
    EXPECT_EQ(stored, save());
}

TEST_P(BrokenCache, that_this_attempt_did_not_find_stays) {
    EXPECT_EQ(stored, save());
    lose();
    EXPECT_THAT(fetch().body, Not(HasSubstr("forgotten")));
    EXPECT_EQ(200, restore());
}

INSTANTIATE_TEST_SUITE_P(Bytes, BrokenCache, testing::Values(true, false),
                         [](const auto& bytes) { return bytes.param ? "damaged" : "gone"; });

TEST(KeptBlobs, that_are_found_damaged_make_room_for_true_ones) {
    ForkedWorld world;
    const auto layer = world.agent.blob("bytes of a layer");
    world.stores.blob_store().spoil(layer);
    EXPECT_NE(200, world.agent.call("GET", "/blobs/" + layer).status);
    EXPECT_EQ(404, world.agent.call("HEAD", "/blobs/" + layer).status) << "whoever has the bytes sends them";
    EXPECT_EQ(layer, world.agent.blob("bytes of a layer"));
    EXPECT_EQ("bytes of a layer", world.agent.call("GET", "/blobs/" + layer).body);
}

TEST_P(BrokenCache, is_not_forgotten_by_who_only_asks_whether_a_part_is_here) {
    EXPECT_EQ(stored, save());
    lose();
    EXPECT_EQ(200, restore());
    (void)world_.agent.call("HEAD", "/blobs/" + chunk_);
    EXPECT_EQ(200, restore());
}

TEST(WholeCache, is_never_forgotten_for_bytes_that_an_agent_only_asks_for) {
    ForkedWorld world;
    EXPECT_EQ(stored, world.save("deps", "whole"));
    EXPECT_EQ("whole", world.restore("deps"));
    EXPECT_EQ(404, world.agent.call("GET", "/blobs/" + std::string(64, 'a')).status);
    EXPECT_EQ("whole", world.restore("deps"));
}

}  // namespace
}  // namespace gyre::gateway
