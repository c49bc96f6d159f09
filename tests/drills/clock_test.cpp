// Wall clocks that jump, as when somebody sets them or a machine wakes up: the server's by hours and days, there and
// back, and the agents' wrong by a year. No lease ends by it, no limit comes early or late, each time of a schedule
// fires once, and nobody sees a duration below zero or an agent's own time.

#include "base/clock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drill.h"
#include "support/eventually.h"
#include "support/gyre_doctor.h"
#include "support/shifted_clock.h"

namespace gyre::test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds jumps[] = {1h, -1h, 24h, -24h};
constexpr std::chrono::milliseconds year = 24h * 365;

// Looks at every object in an answer: no end before its beginning, no span below zero, no time that is not the
// server's, which is at most a day wrong.
class Times {
public:
    void check(const json::value& value) {
        if (const auto* array = value.if_array()) {
            for (const auto& one : *array) check(one);
        } else if (const auto* object = value.if_object()) {
            for (const auto& [name, one] : *object) {
                check(one);
                if (one.is_string()) expect_of_the_server(name, one);
                if (is_span(name) && one.is_number()) expect_a_span(name, one);
            }
            for (const auto& [begin, end] : pairs) expect_in_order(*object, begin, end);
        }
    }
    int spans() const { return spans_; }

private:
    static constexpr std::pair<const char*, const char*> pairs[] = {
        {"created_at", "stopped_at"}, {"created_at", "started_at"}, {"queued_at", "started_at"},
        {"queued_at", "stopped_at"},  {"started_at", "stopped_at"}, {"placed_at", "started_at"},
        {"placed_at", "stopped_at"},  {"queued_at", "start_time"},  {"usage_queued_at", "queued_at"},
        {"start_time", "stop_time"},  {"start_time", "end_time"},
    };
    static bool is_span(std::string_view name) {
        return name == "duration" || name.ends_with("_millis") || name.ends_with("_ms") || name == "run_time";
    }
    static std::optional<Timestamp> time_at(const json::object& object, const char* name) {
        const auto* found = object.if_contains(name);
        if (!found || !found->is_string()) return std::nullopt;
        const auto time = from_iso(found->get_string());
        return time ? std::optional(*time) : std::nullopt;
    }
    void expect_in_order(const json::object& object, const char* begin, const char* end) {
        const auto first = time_at(object, begin);
        const auto last = time_at(object, end);
        if (!first || !last) return;
        ++spans_;
        EXPECT_LE(*first, *last) << begin << " and " << end << " of " << json::serialize(object);
    }
    void expect_a_span(std::string_view name, const json::value& value) {
        ++spans_;
        EXPECT_GE(value.to_number<double>(), 0) << name;
    }
    static void expect_of_the_server(std::string_view name, const json::value& value) {
        const auto time = from_iso(value.get_string());
        if (!time) return;
        EXPECT_LT(std::chrono::abs(*time - SystemClock().now()), 48h) << name << " is " << value;
    }

    int spans_ = 0;
};

class ClockDrill : public Drill {
protected:
    void SetUp() override {
        if (const std::string missing = ShiftedClock::needs(); !missing.empty()) GTEST_SKIP() << missing;
        clock_ = std::make_unique<ShiftedClock>();
        environment = clock_->environment();
    }
    ShiftedClock& clock() { return *clock_; }

    static void expect_sane_times(const Pipeline& pipeline, const std::vector<std::string>& jobs) {
        Times times;
        times.check(pipeline.facts());
        for (const auto& one : pipeline.workflows()) times.check(one);
        for (const auto& one : pipeline.jobs()) times.check(one);
        for (const auto& job : jobs) {
            times.check(pipeline.build(job));
            for (const auto& attempt : pipeline.attempts(job)) times.check(attempt);
        }
        EXPECT_GT(times.spans(), static_cast<int>(10 * jobs.size()));
    }

private:
    std::unique_ptr<ShiftedClock> clock_;
};

class ClockJumps : public ClockDrill {
protected:
    void server_started() override {
        config(R"(version: 2.1
jobs:
  quick: {docker: [{image: debian:12}], resource_class: small, steps: [{run: echo quick}]}
workflows: {all: {jobs: [quick]}}
)");
        push("quick", "quick").wait();
    }

    // A claim makes the server look at all leases; and new work is placed, whatever the time.
    void run_another_job() {
        const auto made = server().post("/api/v2/project/git%2Fapp/pipeline", json::object{{"branch", "quick"}});
        const Pipeline another(server(), text_at(made, "id"));
        EXPECT_EQ(another.wait().status(), "success");
        expect_sane_times(another, {"quick"});
    }

    void round(const Choice& choice) override {
        clock().set_agents(choice.seed % 2 == 0 ? year : -year);
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        clock().set_server(jumps[(choice.seed + choice.seed / moments) % std::size(jumps)]);
        run_another_job();
        if (choice.goes_on_meanwhile) {  // whoever starts now believes times that are stored
            server().kill();
            server().start();
        }
        if (is_at_a_gate(choice.moment)) {
            gate().open();
            if (choice.moment != Moment::third_part) pass();
            clock().set_server(0ms);  // and back, in the middle of a step
            run_another_job();
        }
        go_on(pipeline);
        clock().set_server(0ms);
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        EXPECT_EQ(visits, (std::map<std::string, int>{{"part-1", 1}, {"part-2", 1}, {"part-3", 1}}));
        for (const char* job : {"talk", "crowd", "hear"})
            EXPECT_THAT(pipeline.attempts(job), testing::SizeIs(1)) << job;
        expect_sane_times(pipeline, {"talk", "crowd", "hear"});
        EXPECT_THAT(server().output(), testing::Not(testing::ContainsRegex("is lost|stood still")));
    }
};

TEST_F(ClockJumps, end_no_lease_and_are_seen_in_no_duration) {
    run_rounds(5);
    expect_nothing_left();
    EXPECT_EQ(server().stop(), 0);
    EXPECT_THAT(doctors_findings(server()), testing::IsEmpty());
}

class ClockLimits : public ClockDrill {
protected:
    void round(const Choice&) override {}

    struct Spans {
        std::int64_t silent = 0;
        std::int64_t whole = 0;
    };
    // Milliseconds, by the agent's monotonic clock, until each limit ended its job; the clocks jump meanwhile.
    Spans run_into_limits(const Pipeline& pipeline, std::chrono::milliseconds jump) {
        gate().wait();
        gate().wait();
        clock().set_server(jump);
        clock().set_agents(-jump);
        pipeline.wait();
        clock().set_server(0ms);
        clock().set_agents(0ms);
        expect_sane_times(pipeline, {"silent", "long"});
        for (const char* job : {"silent", "long"}) EXPECT_EQ(text_at(pipeline.job(job), "status"), "timedout") << job;
        return {time_of_steps(pipeline, "silent", "Wait"), time_of_steps(pipeline, "long", "")};
    }
    static std::int64_t time_of_steps(const Pipeline& pipeline, const std::string& job, const std::string& name) {
        std::int64_t sum = 0;
        const json::value steps = at(pipeline.attempts(job).at(0), "steps");
        for (const auto& step : steps.as_array()) {
            if (text_at(step, "name").starts_with(name)) sum += number_at(step, "run_time_ms");
        }
        return sum;
    }
};

TEST_F(ClockLimits, come_neither_early_nor_late_when_clocks_jump) {
    flags = {"--job-timeout-ms", "3500"};
    start_server();
    config(R"(version: 2.1
jobs:
  silent:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [{run: {name: Wait, no_output_timeout: 2s, command: ')" +
           gate().command("silent") + R"('}}]
  long:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [{run: {name: Wait, command: ')" +
           gate().command("long") + R"('}}]
workflows: {all: {jobs: [silent, long]}}
)");
    const Spans undisturbed = run_into_limits(push("limits"), 0ms);
    EXPECT_GE(undisturbed.silent, 2000);
    for (const auto jump : {jumps[2], jumps[3]}) {
        gate().open();
        const auto made = server().post("/api/v2/project/git%2Fapp/pipeline");
        const Spans disturbed = run_into_limits(Pipeline(server(), text_at(made, "id")), jump);
        EXPECT_LE(std::abs(disturbed.silent - undisturbed.silent), 1000);
        EXPECT_LE(std::abs(disturbed.whole - undisturbed.whole), 1000);
    }
}

class ClockSchedules : public ClockDrill {
protected:
    void round(const Choice&) override {}

    // From now on the server's clock goes on from `time`.
    void set(Timestamp time) { clock().set_server(time - SystemClock().now()); }

    json::value schedule_of(const std::string& branch) {
        const json::value items = at(server().get("/api/v2/gyre/project/git%2Fapp/schedules"), "items");
        for (const auto& one : items.as_array()) {
            if (text_at(one, "branch") == branch) return one;
        }
        return nullptr;
    }
    void wait_for_tick(const std::string& branch, Timestamp tick) {
        eventually("the schedule of " + branch + " fires at " + to_iso(tick),
                   [&] { return text_at(schedule_of(branch), "last_tick") == to_iso(tick); });
    }
    std::size_t pipelines() {
        return at(server().get("/api/v2/project/git%2Fapp/pipeline?limit=100"), "items").as_array().size();
    }
};

TEST_F(ClockSchedules, fire_once_at_each_time_however_often_it_comes) {
    const Timestamp tick = std::chrono::floor<std::chrono::hours>(SystemClock().now()) + 30min;
    set(tick - 10min);
    start_server();
    config(R"(version: 2.1
jobs:
  build: {docker: [{image: debian:12}], resource_class: small, steps: [{run: echo built}]}
workflows:
  on-push: {jobs: [build]}
  hourly:
    triggers: [{schedule: {cron: "30 * * * *", filters: {branches: {only: /.*/}}}}]
    jobs: [build]
)");
    push("first");
    EXPECT_EQ(text_at(schedule_of("main"), "next_tick"), to_iso(tick));
    set(tick + 5s);
    wait_for_tick("main", tick);
    EXPECT_EQ(pipelines(), 2U);
    const std::string fired = text_at(schedule_of("main"), "last_pipeline_id");

    // The same time once more, seen by a schedule that is new, and so by the loop.
    set(tick - 1h + 5s);
    push("second", "hour");
    set(tick + 5s);
    wait_for_tick("hour", tick);
    EXPECT_EQ(text_at(schedule_of("main"), "last_pipeline_id"), fired);
    EXPECT_EQ(pipelines(), 4U) << "two pushes, and the tick once for each branch";

    // A day back: times of that day come, and then again the day that was.
    set(tick - 24h + 5s);
    push("third", "day");
    set(tick - 23h + 5s);
    for (const char* branch : {"main", "hour", "day"}) wait_for_tick(branch, tick - 23h);
    EXPECT_EQ(pipelines(), 8U) << "three pushes, and five ticks";
    set(tick + 10s);
    for (const char* branch : {"main", "hour", "day"}) wait_for_tick(branch, tick);
    EXPECT_EQ(text_at(schedule_of("main"), "last_pipeline_id"), fired);
    EXPECT_EQ(pipelines(), 9U) << "only for the new branch was it new";
    set(tick + 24h + 5s);
    for (const char* branch : {"main", "hour", "day"}) wait_for_tick(branch, tick + 24h);
    EXPECT_EQ(pipelines(), 12U);
    newest().wait();
    EXPECT_EQ(newest().status(), "success");
}

}  // namespace
}  // namespace gyre::test
