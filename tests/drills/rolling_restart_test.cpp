// Three servers on one PostgreSQL are restarted in turn, again and again, under a load of 200 workflows a minute: no
// job fails or runs twice, no time limit begins anew, every log is complete. $GYRE_DRILL_LOAD_SECONDS: how long the
// load lasts; default: 12 s, and 150 s where the drills are asked for in their long form ($GYRE_DRILL_TIMES).

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "base/clock.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/several_servers.h"

namespace gyre::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Watch = std::chrono::steady_clock;

constexpr milliseconds pace{300};  // 200 a minute
constexpr milliseconds between_restarts{500};
constexpr seconds silence{10};    // a step may be silent so long
constexpr seconds job_limit{15};  // a job may take so long
constexpr seconds late{3};        // that a limit may be acted on: the machine is busy. A restart comes more often

seconds load_time() {
    if (const char* text = std::getenv("GYRE_DRILL_LOAD_SECONDS")) return seconds{std::atoi(text)};
    return seconds{std::getenv("GYRE_DRILL_TIMES") ? 150 : 12};
}

// Counts the jobs that really run, each at its one step, beside whatever any server believes.
class Tally {
public:
    Tally() {
        thread_ = std::thread([this] {
            while (!stopping_) {
                while (gate_.somebody_waits()) ++seen_[gate_.wait()];
                gate_.open();
                std::this_thread::sleep_for(milliseconds{5});
            }
        });
    }
    ~Tally() { stop(); }
    std::string command(const std::string& what) const { return gate_.command(what); }
    const std::map<std::string, int>& stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        return seen_;
    }

private:
    Gate gate_;
    std::map<std::string, int> seen_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

// Asks for a pipeline at each beat, of one server after another; whoever does not answer is passed over, as a load
// balancer does.
class Load {
public:
    Load(std::vector<std::string> urls, std::string token) : urls_(std::move(urls)), token_(std::move(token)) {
        thread_ = std::thread([this] { run(); });
    }
    ~Load() { stop(); }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    // Once stopped.
    const std::vector<std::string>& accepted() const { return accepted_; }
    int passed_over() const { return passed_over_; }              // nobody listened there, or it said 503
    const std::vector<std::string>& odd() const { return odd_; }  // any other answer
    int unanswered() const { return unanswered_; }                // may have been accepted
    double a_minute() const { return a_minute_; }

private:
    void run() {
        const auto began = Watch::now();
        auto next = began;
        for (std::size_t number = 0; !stopping_; ++number) {
            while (!ask(urls_[turn_++ % urls_.size()]) && !stopping_) std::this_thread::sleep_for(milliseconds{5});
            next += pace;
            std::this_thread::sleep_until(next);
        }
        const std::chrono::duration<double, std::ratio<60>> took = Watch::now() - began;
        a_minute_ = static_cast<double>(accepted_.size()) / took.count();
    }
    bool ask(const std::string& url) {
        http::Client client(*http::parse_endpoint(url), {});
        const auto answer = client.send({.method = "POST",
                                         .target = "/api/v2/project/git%2Fapp/pipeline",
                                         .headers = {{"Content-Type", "application/json"}, {"Circle-Token", token_}},
                                         .text = "{}"});
        const bool refused = !answer && answer.error().message.find("connecting") != std::string::npos;
        if (refused || (answer && answer->status == 503)) ++passed_over_;
        if (!answer && !refused) ++unanswered_;
        if (answer && !answer->ok() && answer->status != 503)
            odd_.push_back(std::to_string(answer->status) + " " + answer->body);
        if (!answer || !answer->ok()) return false;
        accepted_.push_back(text_at(*parse_json(answer->body, {}), "id"));
        return true;
    }

    std::vector<std::string> urls_;
    std::string token_;
    std::size_t turn_ = 0;
    std::vector<std::string> accepted_;
    std::vector<std::string> odd_;
    int passed_over_ = 0;
    int unanswered_ = 0;
    double a_minute_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

class RollingRestart : public SeveralServersStory {
protected:
    void SetUp() override {
        start_all({"--job-timeout-ms", std::to_string(milliseconds(job_limit).count())});
        if (IsSkipped()) return;
        push_limits();
        push_work();
    }

    // Jobs that never end by themselves: one is silent, one talks.
    void push_limits() {
        config(R"(version: 2.1
jobs:
  silent:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [{run: {name: Wait, no_output_timeout: )" +
               std::to_string(silence.count()) + R"(s, command: "echo silent from now on; sleep 600"}}]
  talking:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [{run: {name: Talk, command: "while sleep 0.5; do echo on and on; done"}}]
workflows:
  all: {jobs: [silent, talking]}
)");
        limits_.push_back(push("limits", "limits"));
    }
    void push_work() {
        config(R"(version: 2.1
jobs:
  build:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run:
          name: Print
          command: |
            )" +
               tally_.command("$CIRCLE_WORKFLOW_ID/$CIRCLE_JOB") +
               R"(
            for line in $(seq 40); do echo "$CIRCLE_WORKFLOW_ID line $line"; sleep 0.02; done
  test:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: {name: Print, command: ")" +
               tally_.command("$CIRCLE_WORKFLOW_ID/$CIRCLE_JOB") + R"(; echo tested $CIRCLE_WORKFLOW_ID"}
workflows:
  all: {jobs: [build, {test: {requires: [build]}}]}
)");
        push("work").wait();
    }

    // Restarts one server after another until the time is over; answers how many.
    int restart_in_turn(seconds time) {
        const auto until = Watch::now() + time;
        int restarts = 0;
        for (; Watch::now() < until; ++restarts) {
            Server& next = at_work(restarts % count);
            EXPECT_EQ(next.stop(), 0);
            next.start();
            look_at_limits();
            if (limits_.back().status() == "failed") limits_.push_back(trigger(restarts % count, "limits"));
            std::this_thread::sleep_for(between_restarts);
        }
        return restarts;
    }

    // When a job began is not changed by who is restarted meanwhile.
    void look_at_limits() {
        for (const auto& pipeline : limits_) {
            for (const char* name : {"silent", "talking"}) {
                const std::string began = text_at(pipeline.job(name), "started_at");
                if (began.empty()) continue;
                const auto& first = began_.emplace(pipeline.id() + "/" + name, began).first->second;
                EXPECT_EQ(began, first) << name << " of " << pipeline.id();
            }
        }
    }

    void expect_limits_kept() {
        for (const auto& pipeline : limits_) {
            eventually("limits", [&] { return pipeline.status() == "failed"; });
            expect_ended_after(pipeline, "silent", silence);
            expect_ended_after(pipeline, "talking", job_limit);
        }
    }
    static void expect_ended_after(const Pipeline& pipeline, const std::string& job, seconds limit) {
        const auto attempts = pipeline.attempts(job);
        ASSERT_EQ(attempts.size(), 1U) << job << " of " << pipeline.id();
        const auto steps = at(attempts[0], "steps");
        ASSERT_FALSE(steps.as_array().empty());
        const auto& last = steps.as_array().back();
        const milliseconds took{number_at(last, "run_time_ms")};
        RecordProperty(job + "_" + pipeline.id(), std::to_string(took.count()));
        EXPECT_EQ(text_at(last, "status"), "timedout") << json::serialize(last);
        EXPECT_GE(took, limit - seconds{1}) << json::serialize(last);
        EXPECT_LE(took, limit + late) << json::serialize(last);
    }

    std::set<std::string> all_pipelines() {
        std::set<std::string> ids;
        std::string page = "?limit=100";
        while (!page.empty()) {
            const auto answer = server().get("/api/v2/project/git%2Fapp/pipeline" + page);
            const auto items = at(answer, "items");
            for (const auto& one : items.as_array()) ids.insert(text_at(one, "id"));
            const std::string next = text_at(answer, "next_page_token");
            page = next.empty() ? "" : "?limit=100&page-token=" + next;
        }
        return ids;
    }

    static void expect_ran_once(const Pipeline& pipeline, const std::map<std::string, int>& seen) {
        const std::string workflow = pipeline.workflow();
        EXPECT_EQ(pipeline.status(), "success") << pipeline.id();
        for (const char* name : {"build", "test"}) {
            EXPECT_EQ(pipeline.attempts(name).size(), 1U) << name << " of " << pipeline.id();
            const auto ran = seen.find(workflow + "/" + name);
            EXPECT_EQ(ran == seen.end() ? 0 : ran->second, 1) << name << " of " << pipeline.id();
        }
        std::string lines;
        for (int line = 1; line <= 40; ++line) lines += workflow + " line " + std::to_string(line) + "\n";
        EXPECT_EQ(pipeline.output("build", "Print"), lines) << pipeline.id();
        EXPECT_EQ(pipeline.output("test", "Print"), "tested " + workflow + "\n") << pipeline.id();
    }

    Tally tally_;
    std::vector<Pipeline> limits_;
    std::map<std::string, std::string> began_;
};

TEST_F(RollingRestart, under_load_fails_doubles_and_resets_nothing) {
    std::vector<std::string> urls;
    for (int number = 0; number < count; ++number) urls.push_back(at_work(number).url());
    Load load(urls, server().token());
    const int restarts = restart_in_turn(load_time());
    load.stop();
    expect_limits_kept();
    for (const auto& id : load.accepted()) Pipeline(server(), id).wait();
    auto pipelines = all_pipelines();
    for (const auto& pipeline : limits_) EXPECT_EQ(pipelines.erase(pipeline.id()), 1U);
    for (const auto& id : load.accepted()) EXPECT_TRUE(pipelines.contains(id)) << id << " was accepted, and is lost";
    for (const auto& id : pipelines) Pipeline(server(), id).wait();
    const auto& seen = tally_.stop();
    for (const auto& id : pipelines) expect_ran_once(Pipeline(server(), id), seen);
    EXPECT_EQ(seen.size(), 2 * pipelines.size());
    for (const auto& answer : load.odd()) ADD_FAILURE() << "a server answered " << answer;
    EXPECT_LE(pipelines.size(), load.accepted().size() + static_cast<std::size_t>(load.unanswered()) + 1);
    std::printf("%d restarts; %zu workflows, %.0f a minute; %d times passed over, %d without an answer; %zu limits\n",
                restarts, pipelines.size(), load.a_minute(), load.passed_over(), load.unanswered(), 2 * limits_.size());
}

}  // namespace
}  // namespace gyre::test
