// A bad network between agents and the server: one way silent, connections that break at any byte, words that come
// seconds late and out of order. No job is lost, none has two results, no byte of output is lost or doubled.

#include <gtest/gtest.h>

#include <memory>

#include "drill.h"
#include "support/eventually.h"
#include "support/faulty_network.h"
#include "support/gyre_doctor.h"

namespace gyre::test {
namespace {

using namespace std::chrono_literals;

class NetworkDrill : public Drill {
protected:
    ~NetworkDrill() override { network_.reset(); }

    void server_started() override { network_ = std::make_unique<FaultyNetwork>(server().data() + "/agents.sock"); }
    FaultyNetwork& network() { return *network_; }

    // Each try of each task has one end, all but the last are our failure, and the last is what users see.
    static void expect_one_end_each(const Pipeline& pipeline) {
        for (const auto& [job, task] : {std::pair("talk", 0), {"crowd", 0}, {"crowd", 1}, {"hear", 0}}) {
            const auto attempts = pipeline.attempts(job, task);
            ASSERT_FALSE(attempts.empty()) << job;
            for (const auto& attempt : attempts) {
                const bool last = &attempt == &attempts.back();
                EXPECT_EQ(text_at(attempt, "outcome.kind"), last ? "succeeded" : "infrastructure_failed")
                    << json::serialize(attempt);
            }
        }
    }

    void expect_unharmed(const Pipeline& pipeline) {
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        expect_one_end_each(pipeline);
        expect_all_steps_ended(pipeline);
    }

    // Nothing stays on the machine, and the history of all rounds is one that may be.
    void expect_all_is_well() {
        expect_nothing_left();
        EXPECT_EQ(server().stop(), 0);
        EXPECT_THAT(doctors_findings(server()), testing::IsEmpty());
    }

private:
    std::unique_ptr<FaultyNetwork> network_;
};

class OneWayOnly : public NetworkDrill {
    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        const int before = network().held_pieces();
        network().hold(choice.goes_on_meanwhile ? Way::to_callers : Way::to_server);
        if (is_at_a_gate(choice.moment)) {
            gate().open();
            if (choice.moment != Moment::third_part) pass();  // the next part is reached meanwhile
        }
        // A pipeline that is over by now has nothing more to say.
        eventually("something is held",
                   [&] { return network().held_pieces() > before || pipeline.status() == "success"; });
        network().release();
        go_on(pipeline);
        expect_unharmed(pipeline);
        expect_undisturbed(pipeline);
        expect_one_attempt_each(pipeline);
    }
};

TEST_F(OneWayOnly, for_a_while_changes_nothing) {
    run_rounds(5);
    expect_all_is_well();
}

class LossAndDelay : public NetworkDrill {
protected:
    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        network().set(faults);
        const int before = network().cuts();
        go_on(pipeline, 5min);
        cuts += network().cuts() - before;
        network().set({});
        expect_unharmed(pipeline);
        expect_undisturbed(pipeline);
        expect_one_attempt_each(pipeline);
    }
    Faults faults;
    int cuts = 0;
};

// One message in five, there and back, breaks its connection.
TEST_F(LossAndDelay, with_words_out_of_order_do_no_harm) {
    faults = {.cut = 0.2, .late = 0.33, .lateness = 50ms};
    run_rounds(4);
    EXPECT_GT(cuts, 0);
    expect_all_is_well();
}

TEST_F(LossAndDelay, of_up_to_two_seconds_slow_the_jobs_down_and_do_no_harm) {
    if (rounds_wanted(0, 1) == 0) GTEST_SKIP() << "needs GYRE_DRILL_ROUNDS: takes half a minute a round";
    faults = {.cut = 0.2, .late = 0.33, .lateness = 2s};
    run_rounds(moments, 1);
    EXPECT_GT(cuts, 0);
    expect_all_is_well();
}

// The lease is 15 s, a heartbeat is due each second, and its answer takes four.
TEST_F(LossAndDelay, of_two_seconds_each_way_end_no_lease) {
    if (rounds_wanted(0, 1) == 0) GTEST_SKIP() << "needs GYRE_DRILL_ROUNDS: takes a minute a round";
    faults = {.late = 1, .lateness = 2s, .exactly = true};
    run_rounds(moments, 1);
    expect_all_is_well();
}

// Between the forge and the server: each push has a branch of its own.
class BrokenHooks : public Story {
protected:
    static constexpr int pushes = 10;

    std::map<std::string, int> pipelines_by_branch() {
        std::map<std::string, int> found;
        const json::value items = at(server().get("/api/v2/project/git%2Fapp/pipeline?limit=100"), "items");
        for (const auto& one : items.as_array()) ++found[text_at(one, "vcs.branch")];
        return found;
    }
    // Answers of how many the hook said that the server was not told, as far as it knows.
    int push_to_branches(const std::string& name) {
        int not_told = 0;
        for (int number = 1; number <= pushes; ++number) {
            const std::string branch = name + std::to_string(number);
            repository().write("file.txt", branch);
            repository().push(branch, branch);
            not_told += repository().said().find("no pipeline yet") != std::string::npos;
        }
        return not_told;
    }
    void round(unsigned seed) {
        FaultyNetwork network(server().url(), seed);
        const auto hook_by = [this](const std::string& address) {
            const auto done = server().gyre({"project", "hook", "git/app", repository().bare(), "--server", address});
            ASSERT_EQ(done.exit_code, 0) << done.err;
        };
        hook_by(network.address());
        network.set({.cut = 0.4, .late = 0.33, .lateness = 50ms});
        const std::string name = "seed-" + std::to_string(seed) + "-";
        const int not_told = push_to_branches(name);
        EXPECT_GT(not_told, 0);
        EXPECT_LT(not_told, pushes);
        network.set({});
        repository().write("file.txt", name + "last");
        repository().push("last", name + "last");  // the server looks for what it was not told of
        std::map<std::string, int> expected;
        for (int number = 1; number <= pushes; ++number) expected[name + std::to_string(number)] = 1;
        expected[name + "last"] = 1;
        const auto of_this_round = [&] {
            auto all = pipelines_by_branch();
            std::erase_if(all, [&](const auto& one) { return !one.first.starts_with(name); });
            return all;
        };
        eventually("every push has its pipeline", [&] { return of_this_round().size() == expected.size(); });
        EXPECT_EQ(of_this_round(), expected);
        std::printf("seed %u: %d of %d announcements failed\n", seed, not_told, pushes);
        hook_by(server().url());
    }
};

TEST_F(BrokenHooks, make_one_pipeline_of_each_push_sooner_or_later) {
    start();
    config(R"(version: 2.1
jobs:
  quick: {docker: [{image: debian:12}], resource_class: small, steps: [{run: echo quick}]}
workflows: {all: {jobs: [quick]}}
)");
    push("first").wait();
    const unsigned first = first_seed();
    const unsigned count = rounds_wanted(1, 1);
    for (unsigned seed = first; seed < first + count && !HasFailure(); ++seed) {
        SCOPED_TRACE("repeat by GYRE_DRILL_SEED=" + std::to_string(seed) + " GYRE_DRILL_ROUNDS=1");
        round(seed);
    }
    newest().wait();
    EXPECT_EQ(newest().status(), "success");
}

}  // namespace
}  // namespace gyre::test
