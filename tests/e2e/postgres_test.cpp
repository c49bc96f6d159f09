// A server that keeps its records in PostgreSQL: the same story, also when it or the database dies under running jobs.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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

TEST_F(OnPostgres, is_shared_by_servers_of_one_installation_only) {
    const auto second = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words{"server",     "--database", postgres().url("test1"), "--client",
                                       "second",     "--data-dir", directory() + "/second", "--listen",
                                       "127.0.0.1:0"};
        words.insert(words.end(), more.begin(), more.end());
        return server().gyre(words);
    };
    const auto elsewhere = second({});
    EXPECT_EQ(elsewhere.exit_code, 1) << elsewhere.out;
    EXPECT_NE(elsewhere.err.find("has its objects elsewhere"), std::string::npos) << elsewhere.err;
    const auto keyless = second({"--objects-dir", server().data()});
    EXPECT_EQ(keyless.exit_code, 2) << keyless.out;
    EXPECT_NE(keyless.err.find("or of the other servers"), std::string::npos) << keyless.err;
    std::ofstream(directory() + "/second/secrets.key") << std::string(64, 'a') << "\n";
    std::filesystem::permissions(directory() + "/second/secrets.key", std::filesystem::perms::owner_read);
    const auto stranger = second({"--objects-dir", server().data()});
    EXPECT_EQ(stranger.exit_code, 2) << stranger.out;
    EXPECT_NE(stranger.err.find("another server of this database"), std::string::npos) << stranger.err;
}

TEST_F(OnPostgres, its_schema_does_not_go_back_under_it) {
    const std::vector<std::string> words{
        "database", "migrate", "--database", postgres().url("test1"), "--data-dir", directory() + "/other", "--to"};
    auto back = words;
    back.insert(back.end(), {"1", "--yes"});
    const auto refused = server().gyre(back);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_NE(refused.err.find("stop all"), std::string::npos) << refused.err;
    server().stop();
    EXPECT_EQ(server().gyre(back).exit_code, 0);
    const auto adopted = server().gyre(
        {"database", "adopt-objects", "--yes", "--database", postgres().url("test1"), "--data-dir", server().data()});
    EXPECT_EQ(adopted.exit_code, 0) << adopted.err;
    server().start();  // which went forward again
}

}  // namespace
}  // namespace gyre::test
