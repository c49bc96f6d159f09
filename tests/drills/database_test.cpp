// PostgreSQL that dies and comes back (as `pg_ctl -m immediate`), or whose connections are cut while statements run:
// who asks waits a moment or hears when to ask again, and nothing that was accepted is lost or done twice.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "drill.h"
#include "ports/contract/postgres_server.h"
#include "support/eventually.h"

namespace gyre::test {
namespace {

// People who ask for pipelines and look at them all the time, until they are told to stop.
class People {
public:
    explicit People(const Server& server) : server_(server), thread_([this] { ask(); }) {}
    ~People() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    // What they were told was made. They ask no more.
    std::vector<std::string> stop() {
        stopping_ = true;
        thread_.join();
        EXPECT_THAT(complaints_, testing::IsEmpty());
        return accepted_;
    }
    int asked() const { return asked_; }
    std::chrono::milliseconds longest() const { return longest_; }

private:
    void ask() {
        while (!stopping_) {
            http::Request wish{.method = "POST",
                               .target = "/api/v2/project/git%2Fapp/pipeline",
                               .headers = {{"Content-Type", "application/json"}}};
            wish.text = R"({"branch": "waits"})";
            const auto answer = answer_to(std::move(wish));
            if (answer.ok()) accepted_.push_back(text_at(parse_json(answer.body).value(), "id"));
            answer_to({.target = "/api/v2/project/git%2Fapp/pipeline"});
            ++asked_;
        }
    }
    http::Response answer_to(http::Request request) {
        const auto began = std::chrono::steady_clock::now();
        auto answer = server_.call(std::move(request));
        const auto took = std::chrono::steady_clock::now() - began;
        longest_ = std::max(longest_, std::chrono::ceil<std::chrono::milliseconds>(took));
        const bool says_when = answer.status == 503 && !answer.header("retry-after").empty();
        if (!answer.ok() && !says_when) complaints_.push_back(std::to_string(answer.status) + " " + answer.body);
        return answer;
    }

    const Server& server_;
    std::vector<std::string> accepted_;
    std::vector<std::string> complaints_;
    std::chrono::milliseconds longest_{0};
    std::atomic<int> asked_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

class LostDatabase : public Drill {
protected:
    void SetUp() override {
        if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
        postgres_ = std::make_unique<contract::PostgresServer>();
        flags = {"--database", postgres_->new_database()};
    }
    void server_started() override {
        config("version: 2.1\nworkflows:\n  waits:\n    jobs: [{somebody: {type: approval}}]\n");
        push("a config that waits", "waits");
    }

    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        People people(server());
        wait_for_questions(people);
        // Either kind meets each moment, in rounds enough.
        if ((choice.seed + choice.seed / moments) % 2 == 0) {
            postgres_->crash();
            if (choice.goes_on_meanwhile) gate().open();
            postgres_->start();
        } else {
            if (choice.goes_on_meanwhile) gate().open();
            for (int times = 0; times < 5; ++times) cut_connections(people);
        }
        go_on(pipeline);
        wait_for_questions(people);
        const auto accepted = people.stop();
        longest_ = std::max(longest_, people.longest());
        expect_undisturbed(pipeline);
        expect_one_attempt_each(pipeline);
        EXPECT_FALSE(accepted.empty());
        for (const auto& id : accepted) {
            const Pipeline kept(server(), id);
            EXPECT_EQ(kept.status(), "on_hold") << id;
            server().post("/api/v2/workflow/" + kept.workflow() + "/cancel");  // the next round has its own
        }
    }
    std::chrono::milliseconds longest() const { return longest_; }

private:
    static void wait_for_questions(const People& people) {
        const int before = people.asked();
        eventually("people are answered", [&] { return people.asked() > before + 1; });
    }
    void cut_connections(const People& people) {
        postgres_->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gyre'");
        wait_for_questions(people);
    }

    std::unique_ptr<contract::PostgresServer> postgres_;
    std::chrono::milliseconds longest_{0};
};

TEST_F(LostDatabase, costs_those_who_ask_a_moment_and_jobs_nothing) {
    run_rounds(4, 2 * moments);
    std::printf("longest answer: %lld ms\n", static_cast<long long>(longest().count()));
}

}  // namespace
}  // namespace gyre::test
