// Three servers on one PostgreSQL and one directory of objects, each with a machine's worth of agents: losing any one
// of them, or restarting all in turn, fails no job and doubles none.

#include <gtest/gtest.h>

#include <memory>

#include "ports/contract/postgres_server.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class SeveralServers : public Story {
protected:
    static constexpr int count = 3;

    void SetUp() override {
        if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
        postgres_ = std::make_unique<contract::PostgresServer>();
        database_ = postgres_->new_database();
        start(settings_of(0));  // with the project and the hook
        for (int number = 1; number < count; ++number) {
            others_.push_back(std::make_unique<Server>(make_directory_for(current_user()), settings_of(number)));
            others_.back()->start();
            others_.back()->use_token(server().token());
        }
    }
    Server& at_work(int number) { return number == 0 ? server() : *others_.at(static_cast<std::size_t>(number - 1)); }

    void commit_config(const std::string& command) {
        config(
            "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
            "      - run: |\n          " +
            command +
            "\n  test:\n    docker: [{image: debian:12}]\n    resource_class: small\n    parallelism: 2\n    steps:\n"
            "      - run: echo tested\nworkflows:\n  version: 2\n  all:\n    jobs:\n      - build\n"
            "      - test: {requires: [build]}\n");
        push("config").wait();
    }
    Pipeline trigger(int at) {
        return Pipeline(server(), text_at(at_work(at).post("/api/v2/project/git%2Fapp/pipeline"), "id"));
    }
    // Each task of each job of it has one attempt that succeeded, and no more than `most` in all.
    void expect_green_once(const Pipeline& pipeline, std::size_t most) {
        EXPECT_EQ(pipeline.status(), "success") << pipeline.id();
        for (const auto& [job, tasks] : std::vector<std::pair<std::string, int>>{{"build", 1}, {"test", 2}}) {
            for (int task = 0; task < tasks; ++task) {
                const auto attempts = pipeline.attempts(job, task);
                EXPECT_GE(attempts.size(), 1U) << job;
                EXPECT_LE(attempts.size(), most) << job << " of " << pipeline.id();
            }
        }
        JobExpectation(pipeline, "test").printed("tested");
    }

private:
    ServerSettings settings_of(int number) {
        if (objects_.empty()) objects_ = make_directory_for(current_user());
        return {.flags = {"--database", database_, "--objects-dir", objects_ + "/objects", "--client",
                          "machine-" + std::to_string(number), "--cpus", "4", "--reserve-cpus", "0", "--memory-mb",
                          "16384", "--warm-agents", "0"}};
    }

    std::unique_ptr<contract::PostgresServer> postgres_;
    std::string database_;
    std::string objects_;
    std::vector<std::unique_ptr<Server>> others_;
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

TEST_F(SeveralServers, a_rolling_restart_under_load_fails_nothing_and_doubles_nothing) {
    commit_config("for i in 1 2 3 4 5; do echo line $i; read -t 0.1 < /dev/zero || true; done");
    std::vector<Pipeline> pipelines;
    const auto load = [&](int at) {
        for (int number = 0; number < 5; ++number) pipelines.push_back(trigger(at));
    };
    load(0);
    for (int restarted = 0; restarted < count; ++restarted) {
        load((restarted + 1) % count);
        EXPECT_EQ(at_work(restarted).stop(), 0);
        at_work(restarted).start();
    }
    for (const auto& pipeline : pipelines) {
        pipeline.wait();
        expect_green_once(pipeline, 1);
    }
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

}  // namespace
}  // namespace gyre::test
