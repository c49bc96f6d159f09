// A server that keeps its records in PostgreSQL: the same story, also when it or the database dies under running jobs.

#include <gtest/gtest.h>

#include <memory>

#include "ports/contract/postgres_server.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class OnPostgres : public Story {
protected:
    void SetUp() override {
        if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
        postgres_ = std::make_unique<contract::PostgresServer>();
        start({.flags = {"--database", postgres_->new_database()}});
    }
    contract::PostgresServer& postgres() { return *postgres_; }

    // A job that stands at the gate; returns when it does.
    Pipeline push_job_to_gate() {
        config(
            "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
            "      - checkout\n      - run:\n          name: Stand\n          command: |\n            echo before\n"
            "            " +
            gate_.command() + "\n            echo after\n      - run: {name: End, command: echo the end}\n");
        auto pipeline = push("stand");
        gate_.wait();
        return pipeline;
    }
    void expect_one_green_attempt(const Pipeline& pipeline) {
        EXPECT_EQ(pipeline.wait().status(), "success");
        EXPECT_EQ(pipeline.attempts("build").size(), 1U);
        JobExpectation(pipeline, "build").printed("before\nafter\n").printed("the end");
    }

    Gate gate_;

private:
    std::unique_ptr<contract::PostgresServer> postgres_;
};

TEST_F(OnPostgres, a_push_goes_to_green) {
    config(
        "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
        "      - checkout\n      - run: echo \"hello from $CIRCLE_BRANCH\"\n");
    push("first").wait();
    expect_job("build").succeeded().printed("hello from main");
}

TEST_F(OnPostgres, jobs_go_on_when_the_server_is_killed) {
    const auto pipeline = push_job_to_gate();
    server().kill();
    gate_.open();
    server().start();
    expect_one_green_attempt(pipeline);
}

TEST_F(OnPostgres, jobs_go_on_when_the_database_is_killed_and_started_again) {
    const auto pipeline = push_job_to_gate();
    postgres().crash();
    gate_.open();
    postgres().start();
    expect_one_green_attempt(pipeline);
}

TEST_F(OnPostgres, a_database_that_stays_away_is_named_and_asked_again) {
    const auto pipeline = push_job_to_gate();
    postgres().crash();
    const auto refused = server().call({.target = "/api/v2/pipeline/" + pipeline.id()});
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_FALSE(refused.header("retry-after").empty());
    EXPECT_FALSE(server().call({.target = "/ready"}).ok());
    const std::string health = server().call({.target = "/health-check"}).body;
    EXPECT_EQ(text_at(parse_json(health, {}).value(), "services.workflows-conductor.message"), "waits for the database")
        << health;
    gate_.open();
    postgres().start();
    expect_one_green_attempt(pipeline);
    eventually("the server is ready again", [&] { return server().call({.target = "/ready"}).ok(); });
}

TEST_F(OnPostgres, its_schema_does_not_go_back_under_it) {
    const std::vector<std::string> words{
        "database", "migrate", "--database", postgres().url("test1"), "--data-dir", directory() + "/other", "--to"};
    auto back = words;
    back.emplace_back("1");
    const auto refused = server().gyre(back);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_NE(refused.err.find("stop all"), std::string::npos) << refused.err;
    server().stop();
    EXPECT_EQ(server().gyre(back).exit_code, 0);
    server().start();  // goes forward again
}

}  // namespace
}  // namespace gyre::test
