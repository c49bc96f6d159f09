#include "gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>
#include <thread>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"
#include "model/subject_ids.h"

namespace gyre::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using World = WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

std::string value_of(const Environment& environment, const std::string& name) {
    for (const auto& variable : environment) {
        if (variable.name == name) return variable.value;
    }
    return "(unset)";
}

TEST(Gateway, carries_an_attempt_through_its_life) {
    World world;
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 204);
    world.gateway->offer(first);
    EXPECT_EQ(world.gateway->waiting(), 1);
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_EQ(world.gateway->waiting(), 0);
    EXPECT_THAT(world.launcher.taken, ElementsAre("100 test-1-0-a1"));

    const wire::StepReports running{{StepRecord{.index = 101, .name = "npm test", .type = "run"}}};
    EXPECT_EQ(agent.post("/steps", running).status, 200);
    EXPECT_EQ(agent.output(0, "hello\n").status, 200);
    world.clock.advance(Duration{5000});
    auto done = running;
    done.steps[0].status = StepStatus::success;
    done.steps[0].exit_code = 0;
    EXPECT_EQ(agent.post("/steps", done).status, 200);
    EXPECT_EQ(agent.post("/tests", wire::TestBatch{0, {TestCase{.name = "adds"}}}).status, 200);
    EXPECT_EQ(agent.post("/artifacts", Artifact{.path = "out/a.txt", .blob = agent.blob("bytes")}).status, 200);
    EXPECT_EQ(agent.finish().status, 200);

    EXPECT_THAT(world.conductor.told, ElementsAre("claimed test-1-0-a1", "finished test-1-0-a1 succeeded"));
    const auto steps = *world.stores.run_records().steps(first);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(*steps[0].stopped_at - *steps[0].started_at, Duration{5000});
    EXPECT_EQ(steps[0].output_bytes, 6);
    EXPECT_EQ(*world.stores.output_store().read({first, 101}, 0, 100), "hello\n");
    EXPECT_EQ(world.stores.run_records().artifacts({"test-1"})->at(0).size, 5);
    EXPECT_EQ(world.stores.run_records().tests({"test-1"})->size(), 1U);
}

TEST(Gateway, tells_the_agent_all_it_needs) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(second);
    ASSERT_EQ(agent.claim().status, 200);
    const auto& assignment = agent.assignment;
    EXPECT_EQ(assignment.attempt, second);
    EXPECT_EQ(assignment.token.size(), 64U);
    EXPECT_EQ(world.attempt(1).token_hash, sha256_hex(assignment.token));
    EXPECT_EQ(assignment.job.name, "test");
    EXPECT_EQ(assignment.task_total, 2);
    EXPECT_EQ(assignment.resources, (Resources{1000, 2048}));
    EXPECT_EQ(assignment.source.remote, "/srv/demo.git");
    EXPECT_EQ(assignment.source.revision, std::string(40, 'a'));
    EXPECT_EQ(assignment.build_number, 2);
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"CI", "true"},
                                                          {"CIRCLE_BRANCH", "main"},
                                                          {"CIRCLE_TAG", "(unset)"},
                                                          {"CIRCLE_BUILD_NUM", "2"},
                                                          {"CIRCLE_PREVIOUS_BUILD_NUM", "1"},
                                                          {"CIRCLE_ORGANIZATION_ID", organization_id("git/demo")},
                                                          {"CIRCLE_BUILD_URL", "http://ci.test/git/demo/2"},
                                                          {"CIRCLE_JOB", "test"},
                                                          {"CIRCLE_NODE_INDEX", "1"},
                                                          {"CIRCLE_NODE_TOTAL", "2"},
                                                          {"CIRCLE_PROJECT_REPONAME", "demo"},
                                                          {"CIRCLE_PROJECT_USERNAME", "git"},
                                                          {"CIRCLE_USERNAME", "ann"},
                                                          {"CIRCLE_WORKFLOW_ID", "w1"}}) {
        EXPECT_EQ(value_of(assignment.built_in, name), value) << name;
    }
}

TEST(Gateway, gives_work_to_an_agent_that_waits) {
    World world;
    AgentMouth agent(world.socket());
    auto claiming = std::async(std::launch::async, [&] { return agent.claim(9000).status; });
    world.gateway->offer(first);
    EXPECT_EQ(claiming.get(), 200);
}

TEST(Gateway, gives_each_attempt_to_one_agent) {
    World world;
    std::vector<std::future<int>> claims;
    std::vector<std::unique_ptr<AgentMouth>> agents;
    for (int i = 0; i < 5; ++i) {
        agents.push_back(std::make_unique<AgentMouth>(world.socket(), 200 + i));
        claims.push_back(
            std::async(std::launch::async, [agent = agents.back().get()] { return agent->claim(300).status; }));
    }
    for (const auto& attempt : {first, second, first, second}) world.gateway->offer(attempt);
    int got = 0;
    for (auto& claim : claims) got += claim.get() == 200 ? 1 : 0;
    EXPECT_EQ(got, 2);
}

TEST(Gateway, answers_a_repeated_claim_as_the_first) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    world.gateway->offer(second);
    const auto answer = agent.claim();
    EXPECT_EQ(agent.claim().body, answer.body);
    EXPECT_EQ(world.gateway->waiting(), 1);
}

TEST(Gateway, passes_over_offers_that_are_taken_already) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer({{"test-1"}, 0, 2});
    world.gateway->offer({{"unknown"}, 0, 1});
    world.gateway->offer(second);
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_EQ(agent.assignment.attempt, second);
}

TEST(Gateway, keeps_an_offer_while_the_store_is_broken) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    world.conductor.failures = 1;
    EXPECT_EQ(agent.claim().status, 503);
    EXPECT_EQ(agent.claim().status, 200);
}

TEST(Gateway, ends_an_attempt_that_cannot_be_handed_out) {
    World world;
    AgentMouth agent(world.socket());
    auto workflow = *world.stores.workflow_store().load({"w1"});
    workflow.jobs[1].spec = 9;
    Commit commit{.event = {"spoil"}, .kind = "test"};
    commit.workflows.push_back(with_only(workflow, {1}));
    ASSERT_TRUE(world.stores.workflow_store().commit(commit));
    world.gateway->offer(first);
    EXPECT_EQ(agent.claim().status, 204);
    EXPECT_THAT(world.conductor.told, ElementsAre("finished test-1-0-a1 infrastructure_failed"));
}

TEST(Gateway, refuses_strangers) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    EXPECT_EQ(agent.claim(0, "wrong key").status, 401);
    EXPECT_EQ(agent.claim(0, "").status, 401);
    ASSERT_EQ(agent.claim().status, 200);
    AgentMouth thief(world.socket());
    thief.assignment = agent.assignment;
    for (const std::string& token : {std::string("x"), std::string(64, '0'), std::string()}) {
        thief.assignment.token = token;
        EXPECT_EQ(thief.post("/heartbeat", wire::Heartbeat{}).status, 401);
        EXPECT_EQ(thief.output(0, "x").status, 401);
        EXPECT_EQ(thief.finish().status, 401);
    }
    thief.assignment = agent.assignment;
    for (const char* job : {"unknown", "build-1"}) {
        thief.assignment.attempt.job = {job};
        EXPECT_EQ(thief.finish().status, 401);
    }
}

TEST(Gateway, sends_agents_of_another_version_home) {
    World world;
    const auto answer =
        httpd::RawClient(world.socket())
            .request("POST", "/agent/v1/claim", R"({"protocol": 2})", "Authorization: Bearer launch key\r\n");
    EXPECT_EQ(answer.status, 410);
    EXPECT_NE(answer.body.find("install its own gyre-agent"), std::string::npos) << answer.body;
}

TEST(Gateway, accepts_output_exactly_at_its_end) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    std::vector<std::int64_t> heard;
    std::mutex mutex;
    const auto subscription = world.live.subscribe([&](const News& news) {
        const std::lock_guard lock(mutex);
        heard.push_back(news.length);
    });
    EXPECT_EQ(agent.output(0, "hello ").status, 200);
    const auto again = agent.output(0, "hello ");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.body, R"({"length":6})");
    EXPECT_EQ(agent.output(7, "gap").body, R"({"length":6})");
    EXPECT_EQ(agent.output(6, "world").body, R"({"length":11})");
    EXPECT_EQ(*world.stores.output_store().read({first, 101}, 0, 100), "hello world");
    EXPECT_THAT(heard, ElementsAre(6, 11));
}

TEST(Gateway, stores_a_long_output_piece_by_piece) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    std::string text;
    while (text.size() < 3'000'000) text += std::to_string(text.size()) + "\n";
    EXPECT_EQ(agent.output(0, text).status, 200);
    EXPECT_EQ(sha256_hex(*world.stores.output_store().read({first, 101}, 0, 4'000'000)), sha256_hex(text));
}

TEST(Gateway, resumes_blobs) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const std::string bytes(100'000, 'b');
    const std::string path = "/blobs/" + sha256_hex(bytes);
    EXPECT_EQ(agent.call("GET", path).status, 404);
    EXPECT_EQ(agent.call("PUT", path + "?offset=0&size=100000", bytes.substr(0, 40'000)).status, 200);
    EXPECT_EQ(agent.call("HEAD", path).status, 404);
    EXPECT_EQ(agent.call("PUT", path + "?offset=0&size=100000", bytes.substr(0, 10)).body, R"({"length":40000})");
    EXPECT_EQ(agent.call("PUT", path + "?offset=40000&size=100000", bytes.substr(40'000)).status, 200);
    EXPECT_EQ(agent.call("HEAD", path).headers.at("content-length"), "100000");
    EXPECT_EQ(agent.call("GET", path).body, bytes);
    const std::string other = "/blobs/" + std::string(64, 'a');
    EXPECT_EQ(agent.call("PUT", other + "?offset=0&size=3", "abc").status, 400);
    const std::string empty = "/blobs/" + sha256_hex("");
    EXPECT_EQ(agent.call("PUT", empty + "?offset=0&size=0", "").status, 200);
    EXPECT_EQ(agent.call("HEAD", empty).status, 200);
}

TEST(Gateway, breaks_off_a_blob_that_rotted) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const auto name = agent.blob(std::string(2'000'000, 'r'));
    world.stores.blob_store().spoil(name);
    EXPECT_FALSE(agent.call("GET", "/blobs/" + name).whole);
}

TEST(Gateway, finds_caches_by_prefix_and_never_replaces_one) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    EXPECT_EQ(agent.call("GET", "/cache?key=npm-").status, 404);
    const CacheEntry entry{.key = "npm-1 a&b", .blob = agent.blob("cache")};
    EXPECT_EQ(agent.post("/cache", entry).body, R"({"stored":true})");
    EXPECT_EQ(agent.post("/cache", entry).body, R"({"stored":true})")
        << "a call that comes again is answered as before";
    const CacheEntry other{.key = entry.key, .blob = agent.blob("other")};
    EXPECT_EQ(agent.post("/cache", other).body, R"({"stored":false})");
    const auto found = agent.call("GET", "/cache?key=none&key=npm-1%20a%26");
    ASSERT_EQ(found.status, 200);
    EXPECT_EQ(from_json_text<CacheEntry>(found.body)->size, 5);
}

TEST(Gateway, hands_on_the_workspace_of_upstream_jobs) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const WorkspaceLayer layer{.job = {"build-1"}, .job_name = "build", .blob = "b1", .size = 1};
    ASSERT_TRUE(world.stores.keepsakes().add_layer({"w1"}, {{"build-1"}, 0, 1}, layer));
    EXPECT_EQ(agent.post("/workspace", WorkspaceLayer{.job = {"forged"}, .blob = agent.blob("own")}).status, 200);
    const auto answer = *from_json_text<wire::Layers>(agent.call("GET", "/workspace").body);
    const auto& layers = answer.layers;
    ASSERT_EQ(answer.jobs.size(), 1U);
    EXPECT_EQ(answer.jobs[0].id, layer.job);
    ASSERT_EQ(layers.size(), 1U);
    EXPECT_EQ(layers[0].blob, "b1");
    const auto own = *world.stores.keepsakes().layers({"w1"}, {JobId{"test-1"}});
    ASSERT_EQ(own.size(), 1U);
    EXPECT_EQ(own[0].job_name, "test");
}

TEST(Gateway, refuses_what_is_malformed) {
    World world;
    world.limits.blob_bytes = 1000;
    world.limits.step_output_bytes = 1000;
    world.stop();
    world.start();
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const std::string name(64, 'a');
    const auto blob = agent.blob("x");
    struct Bad {
        std::string method, path, body;
        int status;
    };
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "[";
    const std::vector<Bad> table{
        {"POST", "/steps", "{", 400},
        {"POST", "/steps", deep, 400},
        {"POST", "/steps", R"({"steps": 5})", 400},
        {"POST", "/steps", R"({"steps": [{"index": -1}]})", 400},
        {"POST", "/steps", R"({"steps": [{"index": 1000000}]})", 400},
        {"POST", "/steps", R"({"steps": [{"status": "happy"}]})", 400},
        {"POST", "/finish", R"({"outcome": {"kind": "exploded"}})", 400},
        {"POST", "/tests", R"({"batch": -1})", 413},
        {"POST", "/tests", R"({"batch": 1000000})", 413},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "../x", .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "a/../../x", .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "a\\..\\x", .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "/etc/passwd", .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = std::string("a\0b", 3), .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "", .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = std::string(1025, 'a'), .blob = blob}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "a", .blob = name}), 400},
        {"POST", "/artifacts", to_json_text(Artifact{.path = "a", .blob = "../../etc"}), 400},
        {"POST", "/cache", to_json_text(CacheEntry{.key = "", .blob = blob}), 400},
        {"POST", "/cache", to_json_text(CacheEntry{.key = std::string(901, 'k'), .blob = blob}), 400},
        {"POST", "/cache", to_json_text(CacheEntry{.key = "k", .blob = name}), 400},
        {"GET", "/cache", "", 400},
        {"POST", "/workspace", to_json_text(WorkspaceLayer{.blob = name}), 400},
        {"PUT", "/output/x?offset=0", "x", 400},
        {"PUT", "/output/-1?offset=0", "x", 400},
        {"PUT", "/output/101?offset=-1", "x", 400},
        {"PUT", "/output/101?offset=1x", "x", 400},
        {"PUT", "/output/101?offset=0", std::string(2001, 'x'), 413},
        {"PUT", "/blobs/XYZ?offset=0&size=1", "x", 400},
        {"PUT", "/blobs/" + name + "?offset=0&size=1001", "x", 413},
        {"GET", "/blobs/..%2f..%2fetc", "", 400},
        {"GET", "/nothing", "", 404},
        {"DELETE", "/finish", "", 405},
    };
    for (const auto& bad : table) {
        EXPECT_EQ(agent.call(bad.method, bad.path, bad.body).status, bad.status) << bad.method << bad.path << bad.body;
    }
    EXPECT_EQ(agent.finish().status, 200);
}

TEST(Gateway, tells_how_the_other_tasks_of_a_job_stand) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    EXPECT_EQ(agent.call("GET", "/others").body, R"({"queued":0,"running":1,"failed":[]})");
}

TEST(Gateway, tells_a_running_agent_to_stop) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).body, R"({"stop":false,"reason":"","ssh":null})");
    world.gateway->stop(first, "canceled by ann");
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).body,
              R"({"stop":true,"reason":"canceled by ann","ssh":null})");
}

TEST(Gateway, withdraws_what_nobody_took_when_it_is_stopped) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    world.gateway->stop(first, "canceled");
    EXPECT_EQ(agent.claim().status, 204);
    EXPECT_THAT(world.conductor.told, ElementsAre("finished test-1-0-a1 canceled"));
}

TEST(Gateway, fences_an_attempt_whose_lease_ran_out) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    world.clock.advance(Duration{15'500});
    world.gateway->look_at_leases();
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 200);
    world.clock.advance(Duration{15'900});
    world.gateway->look_at_leases();
    EXPECT_EQ(world.attempt().state, AttemptState::running);
    world.clock.advance(Duration{200});
    world.gateway->look_at_leases();
    EXPECT_THAT(world.conductor.told.back(), HasSubstr("lost test-1-0-a1 no word from the agent"));
    EXPECT_THAT(world.launcher.killed, ElementsAre("test-1-0-a1"));
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 409);
    EXPECT_EQ(agent.output(0, "late").status, 409);
    EXPECT_EQ(agent.finish().status, 409);
    EXPECT_EQ(*world.stores.output_store().length({first, 101}), 0);
}

TEST(Gateway, ends_a_job_whose_agent_goes_on_long_after_its_limit) {
    World world;
    world.stop();
    world.limits.job_ms = 60'000;
    world.start();
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const auto ten_seconds_go_by = [&] {
        world.clock.advance(Duration{10'000});
        world.gateway->look_at_leases();
        return agent.post("/heartbeat", wire::Heartbeat{}).status;
    };
    for (int times = 1; times < 31 * 6; ++times) ASSERT_EQ(ten_seconds_go_by(), 200) << "it may collect and report";
    EXPECT_EQ(ten_seconds_go_by(), 409);
    EXPECT_THAT(world.conductor.told, ElementsAre("claimed test-1-0-a1", "finished test-1-0-a1 timed_out"));
    EXPECT_THAT(world.launcher.killed, ElementsAre("test-1-0-a1"));
}

TEST(Gateway, does_not_notice_a_wall_clock_that_jumps) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    world.clock.set_wall(world.clock.now() + std::chrono::hours(24));
    world.gateway->look_at_leases();
    EXPECT_EQ(agent.finish().status, 200);
}

TEST(Gateway, keeps_what_an_ended_agent_asked_for_for_the_next) {
    World world;
    AgentMouth ended(world.socket(), 99);
    AgentMouth next(world.socket(), 100);
    world.launcher.gone = 99;
    world.gateway->offer(first);
    EXPECT_EQ(ended.claim().status, 503);
    EXPECT_THAT(world.conductor.told, IsEmpty());
    EXPECT_EQ(next.claim().status, 200);
    EXPECT_THAT(world.conductor.told, ElementsAre("claimed test-1-0-a1"));
}

TEST(Gateway, reports_the_death_of_an_agent_once) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    world.launcher.die("test-1-0-a1");
    world.launcher.die("test-1-0-a1");
    EXPECT_THAT(world.conductor.told, ElementsAre("claimed test-1-0-a1", "lost test-1-0-a1 the agent process ended"));
}

TEST(Gateway, ends_the_steps_of_a_lost_attempt) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const StepRecord done{.index = 0, .name = "Spin up environment", .status = StepStatus::success};
    const StepRecord running{.index = 101, .name = "make"};
    EXPECT_EQ(agent.post("/steps", wire::StepReports{{done, running}}).status, 200);
    EXPECT_EQ(agent.output(0, "so far").status, 200);
    world.clock.advance(Duration{3'000});
    world.launcher.die("test-1-0-a1");
    const auto steps = *world.stores.run_records().steps(first);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].status, StepStatus::success);
    EXPECT_EQ(steps[1].status, StepStatus::infrastructure_fail);
    EXPECT_EQ(steps[1].stopped_at, world.clock.now());
    EXPECT_EQ(steps[1].run_time_ms, 3'000);
    EXPECT_EQ(steps[1].output_bytes, 6);
}

TEST(Gateway, takes_the_death_of_a_finished_agent_as_natural) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    agent.finish();
    world.launcher.die("test-1-0-a1");
    EXPECT_EQ(world.conductor.told.size(), 2U);
}

TEST(Gateway, reports_a_loss_later_when_the_store_is_broken) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    world.conductor.failures = 1;
    world.launcher.die("test-1-0-a1");
    EXPECT_EQ(world.conductor.told.size(), 1U);
    world.clock.advance(Duration{16'100});
    world.gateway->look_at_leases();
    EXPECT_EQ(world.conductor.told.size(), 2U);
}

TEST(Gateway, takes_the_last_step_reports_with_the_end) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const StepRecord spin{.index = 0, .name = "Spin up", .status = StepStatus::success};
    const StepRecord run{.index = 101, .name = "true", .status = StepStatus::success, .exit_code = 0};
    EXPECT_EQ(agent.post("/finish", wire::Finish{Succeeded{}, {spin, run}}).status, 200);
    EXPECT_EQ(agent.post("/finish", wire::Finish{Succeeded{}, {spin, run}}).status, 200) << "told again";
    const auto steps = *world.stores.run_records().steps(first);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[1].exit_code, 0);
    EXPECT_TRUE(steps[1].stopped_at);
    EXPECT_EQ(world.attempt().state, AttemptState::finished);
}

TEST(Gateway, ends_an_attempt_whose_last_reports_make_no_sense) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const StepRecord last{.index = 101, .name = "true", .status = StepStatus::success, .exit_code = 0};
    EXPECT_EQ(agent.post("/finish", wire::Finish{Succeeded{}, {StepRecord{.index = -1}, last}}).status, 200);
    EXPECT_EQ(world.attempt().state, AttemptState::finished);
    const auto steps = *world.stores.run_records().steps(first);
    ASSERT_EQ(steps.size(), 1U) << "the report that makes sense is kept";
    EXPECT_EQ(steps[0].status, StepStatus::success);
}

TEST(Gateway, knows_its_agents_after_a_restart) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    EXPECT_EQ(agent.output(0, "before ").status, 200);
    world.stop();
    world.clock.advance(std::chrono::hours(1));
    world.start();
    world.clock.advance(Duration{30'000});
    world.gateway->look_at_leases();  // a full lease and the grace
    EXPECT_EQ(agent.output(7, "after").status, 200);
    EXPECT_EQ(agent.finish().status, 200);
}

TEST(Gateway, repeats_its_answer_to_a_finish_after_a_restart) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    EXPECT_EQ(agent.finish(Failed{"exit 1"}).status, 200);
    world.stop();
    world.start();
    EXPECT_EQ(agent.finish(Failed{"exit 1"}).status, 200);
    EXPECT_EQ(agent.finish(Succeeded{}).status, 409);
    EXPECT_EQ(agent.post("/steps", wire::StepReports{}).status, 409);
    EXPECT_EQ(world.conductor.told.size(), 2U);
}

// F10: every call two to five times, shuffled within its neighbourhood; the stored state is that of single delivery.
TEST(Gateway, duplicate_and_shuffled_calls_change_nothing) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        World world;
        AgentMouth agent(world.socket());
        world.gateway->offer(first);
        agent.claim();
        const auto blob = agent.blob("artifact");
        std::mt19937 random(seed);
        std::vector<std::function<void()>> calls;
        const auto often = [&](const std::function<void()>& call) {
            for (unsigned i = 0; i < 2 + random() % 4; ++i) calls.push_back(call);
        };
        StepRecord running{.index = 101, .name = "a", .type = "run"};
        StepRecord ended = running;
        ended.status = StepStatus::failed;
        ended.exit_code = 2;
        often([&] { agent.claim(); });
        often([&] { agent.post("/steps", wire::StepReports{{running}}); });
        often([&] { agent.post("/steps", wire::StepReports{{ended}}); });
        often([&] { agent.output(0, "one "); });
        often([&] { agent.post("/tests", wire::TestBatch{0, {TestCase{.name = "t"}}}); });
        often([&] { agent.post("/artifacts", Artifact{.path = "a", .blob = blob}); });
        often([&] { agent.post("/cache", CacheEntry{.key = "k", .blob = blob}); });
        std::shuffle(calls.begin(), calls.end(), random);
        calls.emplace_back([&] { agent.post("/steps", wire::StepReports{{ended}}); });
        for (const auto& call : calls) call();
        std::vector<std::thread> ends;
        ends.reserve(4);
        for (int i = 0; i < 4; ++i) ends.emplace_back([&] { EXPECT_EQ(agent.finish(Failed{"exit 2"}).status, 200); });
        for (auto& end : ends) end.join();

        EXPECT_EQ(world.conductor.told.size(), 2U);
        const auto steps = *world.stores.run_records().steps(first);
        ASSERT_EQ(steps.size(), 1U);
        EXPECT_EQ(steps[0].status, StepStatus::failed);
        EXPECT_EQ(*world.stores.output_store().read({first, 101}, 0, 100), "one ");
        EXPECT_EQ(world.stores.run_records().tests({"test-1"})->size(), 1U);
        EXPECT_EQ(world.stores.run_records().artifacts({"test-1"})->size(), 1U);
    }
}

}  // namespace
}  // namespace gyre::gateway
