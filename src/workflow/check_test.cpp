#include "workflow/check.h"

#include <gmock/gmock.h>

#include <functional>

#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using testing::second;
using testing::World;

std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
    std::vector<std::string> rules;
    for (const auto& finding : findings) rules.push_back(finding.rule);
    return rules;
}

// Each attempt has a token of its own.
void runs(World& world, std::string_view job, int task, std::string token) {
    world.places(job, task);
    world.claims(job, task, std::move(token));
}

// build succeeded, one task of test was lost once and runs again, the other waits; hold waits.
World busy() {
    World world("build -> test*2 -> deploy, build -> hold? -> deploy");
    world.succeeds("build");
    runs(world, "test", 0, "first");
    world.loses("test", 0);
    runs(world, "test", 0, "second");
    return world;
}

TEST(Check, finds_nothing_in_what_apply_makes) {
    World world("build -> test*2 -> deploy, lint");
    EXPECT_THAT(check(world.workflow()), IsEmpty());
    world.succeeds("build");
    runs(world, "test", 1, "other");
    EXPECT_THAT(check(world.workflow()), IsEmpty());
    world.cancels("test");
    EXPECT_THAT(check(world.workflow()), IsEmpty());
    runs(world, "lint", 0, "last");
    world.finishes("lint", Failed{"exit 1"});
    EXPECT_THAT(check(world.workflow()), IsEmpty());
}

struct Wrong {
    const char* rule;
    std::function<void(Workflow&)> spoil;
};
class Check : public ::testing::TestWithParam<Wrong> {};

TEST_P(Check, finds_what_cannot_be) {
    Workflow workflow = busy().workflow();
    ASSERT_THAT(check(workflow), IsEmpty());
    GetParam().spoil(workflow);
    EXPECT_THAT(rules_of(check(workflow)), Contains(GetParam().rule));
}

Attempt& first_try(Workflow& workflow) { return workflow.jobs[1].tasks[0].attempts[0]; }
Attempt& second_try(Workflow& workflow) { return workflow.jobs[1].tasks[0].attempts[1]; }

INSTANTIATE_TEST_SUITE_P(
    Wrongs, Check,
    ::testing::Values(Wrong{"status-is-fold", [](Workflow& w) { w.status = WorkflowStatus::failed; }},
                      Wrong{"stopped-when-ended", [](Workflow& w) { w.stopped_at = second(90); }},
                      Wrong{"has-jobs", [](Workflow& w) { w.jobs.clear(); }},
                      Wrong{"job-id", [](Workflow& w) { w.jobs[1].id = w.jobs[0].id; }},
                      Wrong{"requires", [](Workflow& w) { w.jobs[0].requires_ = {2}; }},
                      Wrong{"requires", [](Workflow& w) { w.jobs[0].requires_ = {99}; }},
                      Wrong{"on-hold-is-approval", [](Workflow& w) { w.jobs[1].status = JobStatus::on_hold; }},
                      Wrong{"job-fits-tasks", [](Workflow& w) { w.jobs[1].status = JobStatus::queued; }},
                      Wrong{"job-is-verdict", [](Workflow& w) { w.jobs[0].status = JobStatus::failed; }},
                      Wrong{"requirements-met", [](Workflow& w) { w.jobs[0].status = JobStatus::failed; }},
                      Wrong{"task-index", [](Workflow& w) { w.jobs[1].tasks[0].index = 1; }},
                      Wrong{"task-fits-attempts", [](Workflow& w) { w.jobs[1].tasks[0].status = TaskStatus::placed; }},
                      Wrong{"attempt-number", [](Workflow& w) { second_try(w).number = 3; }},
                      Wrong{"one-live-attempt", [](Workflow& w) { first_try(w).state = AttemptState::running; }},
                      Wrong{"retry-reason", [](Workflow& w) { first_try(w).outcome = Failed{"exit 1"}; }},
                      Wrong{"outcome-when-finished", [](Workflow& w) { second_try(w).outcome = Succeeded{}; }},
                      Wrong{"token-when-running", [](Workflow& w) { second_try(w).token_hash.clear(); }},
                      Wrong{"token-is-its-own",
                            [](Workflow& w) { second_try(w).token_hash = first_try(w).token_hash; }},
                      Wrong{"time-order", [](Workflow& w) { second_try(w).started_at = second(-5); }},
                      Wrong{"retry-limit", [](Workflow& w) {
                                w.jobs[1].tasks[0].attempts.insert(w.jobs[1].tasks[0].attempts.begin(), 5,
                                                                   first_try(w));
                            }}));

TEST(CheckChange, lets_pass_what_apply_does_and_nothing_else) {
    const Workflow before = busy().workflow();
    World world(before);
    world.finishes("test", Succeeded{}, 0);
    Workflow after = world.workflow();
    after.version = before.version + 1;
    EXPECT_THAT(check_change(before, after), IsEmpty());

    after.jobs[1].tasks[0].attempts[0].outcome = Succeeded{};
    EXPECT_THAT(rules_of(check_change(before, after)), Contains("one-end"));
    after = before;
    EXPECT_THAT(rules_of(check_change(before, after)), Contains("version"));
    ++after.version;
    after.jobs[0].status = JobStatus::running;
    EXPECT_THAT(rules_of(check_change(before, after)), Contains("legal-move"));
}

TEST(CheckChange, lets_nothing_begin_in_what_is_canceled) {
    World world("build");
    world.places("build");
    Workflow before = world.workflow();
    Workflow canceled = apply(before, CancelAsked{std::nullopt, "bob"}, second(9)).next;
    ++canceled.version;
    EXPECT_THAT(check_change(before, canceled), IsEmpty());
    Workflow claimed = canceled;
    ++claimed.version;
    claimed.jobs[0].tasks[0].attempts[0].state = AttemptState::running;
    claimed.jobs[0].tasks[0].attempts[0].started_at = second(10);
    EXPECT_THAT(rules_of(check_change(canceled, claimed)), Contains("nothing-after-cancel"));
}

TEST(CheckHistory, holds_what_is_stored_to_the_log) {
    const testing::Drawing drawing("build -> test");
    const Workflow beginning = testing::started(drawing);
    const JobId build{"build"};
    const std::vector<LoggedEvent> log{{TaskPlaced{{build, 0, 1}, "m"}, second(1)},
                                       {TaskClaimed{{build, 0, 1}, "t"}, second(2)},
                                       {CancelAsked{std::nullopt, "bob"}, second(3)},
                                       {TaskLost{{build, 0, 1}, "gone"}, second(4)}};
    Workflow stored = beginning;
    for (const auto& [event, at] : log) stored = apply(std::move(stored), event, at).next;
    stored.version = 5;
    const auto history = check_history(beginning, log, stored);
    EXPECT_THAT(history.findings, IsEmpty());
    EXPECT_THAT(history.effects, Contains(Effect(StopAttempt{{build, 0, 1}, "canceled by bob"})));

    Workflow other = stored;
    other.jobs[0].tasks[0].attempts[0].outcome = Succeeded{};
    EXPECT_THAT(rules_of(check_history(beginning, log, other).findings), Contains("state-is-history"));
    const std::vector<LoggedEvent> shorter(log.begin(), log.end() - 1);
    EXPECT_THAT(rules_of(check_history(beginning, shorter, stored).findings), Contains("state-is-history"));
    auto longer = log;
    longer.push_back(log.back());
    EXPECT_THAT(rules_of(check_history(beginning, longer, stored).findings), Contains("event-counts"));
}

}  // namespace
}  // namespace gyre::workflow
