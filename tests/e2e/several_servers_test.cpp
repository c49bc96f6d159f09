// Several servers share the work, and losing any one of them fails no job. How they are restarted in turn is a drill
// (tests/drills/rolling_restart_test.cpp).

#include "support/several_servers.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "support/database.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/program.h"

namespace gyre::test {
namespace {

class SeveralServers : public SeveralServersStory {
protected:
    void SetUp() override { start_all(); }
};

TEST_F(SeveralServers, share_the_work_and_each_shows_all_of_it) {
    commit_config("echo built");
    std::vector<Pipeline> pipelines;
    for (int number = 0; number < 9; ++number) pipelines.push_back(trigger(number % count));
    for (const auto& pipeline : pipelines) {
        pipeline.wait();
        expect_green_once(pipeline, 1);
        for (int at = 0; at < count; ++at) {
            EXPECT_EQ(Pipeline(at_work(at), pipeline.id()).status(), "success");
            JobExpectation(Pipeline(at_work(at), pipeline.id()), "build").printed("built");
        }
    }
}

TEST_F(SeveralServers, that_sign_with_different_keys_say_so) {
    const auto says = [&](int at, const std::string& text) {
        return at_work(at).call({.target = "/health-check"}).body.find(text) != std::string::npos;
    };
    for (int at = 0; at < count; ++at) eventually("all are known", [&] { return says(at, "for 3 servers\""); });
    EXPECT_EQ(at_work(2).stop(), 0);
    std::filesystem::remove(objects() + "/signing.key");  // it makes another one
    at_work(2).start();
    eventually("another names it", [&] { return says(0, "another signing.key than this one: machine-2 "); });
    eventually("it names the others",
               [&] { return says(2, "another signing.key than this one: machine-0, machine-1 "); });
    EXPECT_NE(at_work(2).output().find("signing.key"), std::string::npos) << at_work(2).output();
}

TEST_F(SeveralServers, a_cancel_reaches_the_server_that_runs_the_job) {
    Gate gate;
    config(
        "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
        "      - run: |\n          " +
        gate.command() + "\n");
    const auto pipeline = push("stand");
    gate.wait();
    for (int at = 0; at < count; ++at) at_work(at).post("/api/v2/workflow/" + pipeline.workflow() + "/cancel");
    EXPECT_EQ(pipeline.wait().status(), "canceled");
    eventually("the attempt is stopped", [&] {
        const auto attempts = pipeline.attempts("build");
        return !attempts.empty() && text_at(attempts.back(), "status") != "running";
    });
}

TEST_F(SeveralServers, what_a_dead_server_held_is_run_by_the_others) {
    Gate gate;
    commit_config("echo built");
    config(
        "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: medium\n"
        "    parallelism: 6\n    steps:\n      - run: |\n          " +
        gate.command() + "\n");
    const auto pipeline = push("stand");
    for (int task = 0; task < 6; ++task) gate.wait();  // two on each machine
    const auto meanwhile = trigger(0);
    at_work(2).kill();
    int opened = gate.open();
    eventually(
        "all is over",
        [&] {
            if (gate.somebody_waits()) opened += gate.open();
            return pipeline.status() == "success";
        },
        std::chrono::seconds{120});
    EXPECT_GE(opened, 6);
    for (int task = 0; task < 6; ++task) EXPECT_LE(pipeline.attempts("build", task).size(), 2U);
    while (meanwhile.status() != "success") gate.open();
    at_work(2).start();
    EXPECT_EQ(trigger(2).id().empty(), false);
}

class Parts : public Story {};

TEST_F(Parts, of_a_server_that_nobody_can_reach_say_so_and_show_no_token) {
    start();
    ASSERT_EQ(server().stop(), 0);
    Program part({.argv = {bin_directory() + "/gyre", "server", "--data-dir", server().data(), "--only",
                           "database,workflows-conductor"},
                  .home = directory(),
                  .directory = directory(),
                  .environment = database_environment(server().data())},
                 directory() + "/part.log");
    eventually("it says what it runs", [&] { return part.output().find("running") != std::string::npos; });
    EXPECT_NE(part.output().find("database, workflows-conductor"), std::string::npos) << part.output();
    EXPECT_EQ(part.output().find("listening"), std::string::npos) << part.output();
    EXPECT_EQ(part.output().find("token"), std::string::npos) << part.output();
    part.signal(SIGTERM);
    EXPECT_EQ(part.wait(), 0);
}

}  // namespace
}  // namespace gyre::test
