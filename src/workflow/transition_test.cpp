#include "workflow/transition.h"

#include <gmock/gmock.h>

#include "model/again.h"
#include "workflow/retry.h"
#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::second;
using testing::World;

const Outcome broken = InfrastructureFailed{"disk full", true};
const Outcome hopeless = InfrastructureFailed{"no container engine: install docker.io", false};

// --- the life of a task ---------------------------------------------------------------------------------------------

TEST(Task, is_placed_claimed_and_finished) {
    World world("build");
    world.places("build");
    EXPECT_EQ(world.task("build").status, TaskStatus::placed);
    EXPECT_EQ(world.status("build"), JobStatus::running);
    EXPECT_FALSE(world.job("build").started_at);

    world.claims("build", 0, "hash");
    EXPECT_EQ(world.task("build").status, TaskStatus::running);
    EXPECT_EQ(world.task("build").attempts.back().token_hash, "hash");
    EXPECT_EQ(world.job("build").started_at, second(2));

    world.finishes("build", Succeeded{});
    EXPECT_EQ(world.task("build").status, TaskStatus::finished);
    EXPECT_EQ(world.status("build"), JobStatus::success);
    EXPECT_EQ(world.job("build").stopped_at, second(3));
    EXPECT_EQ(world.status(), WorkflowStatus::success);
    EXPECT_EQ(world.workflow().stopped_at, second(3));
    EXPECT_THAT(world.effects(),
                ElementsAre(Effect(JobEnded{{"w"}, {"build"}, JobStatus::success}),
                            Effect(WorkflowEnded{{"w"}, WorkflowStatus::success}), Effect(WakeDispatch{})));
}

TEST(Task, is_claimed_once) {
    World world("build");
    world.places("build");
    world.claims("build", 0, "first");
    world.claims("build", 0, "second");
    EXPECT_TRUE(world.nothing_changed());
    EXPECT_EQ(world.task("build").attempts.back().token_hash, "first");
}

TEST(Task, has_no_result_before_its_claim) {
    World world("build");
    world.places("build");
    world.finishes("build", Succeeded{});
    EXPECT_TRUE(world.nothing_changed());
    world.finishes("build", hopeless);
    EXPECT_EQ(world.status("build"), JobStatus::infrastructure_fail);
}

TEST(Task, ignores_attempts_that_are_not_its_live_one) {
    World world("build*2 -> next");
    world.runs("build", 0);
    const std::vector<Event> stale{
        TaskPlaced{{{"build"}, 0, 1}, "x"},
        TaskPlaced{{{"build"}, 0, 2}, "x"},
        TaskPlaced{{{"build"}, 1, 2}, "x"},
        TaskPlaced{{{"build"}, 1, 0}, "x"},
        TaskPlaced{{{"build"}, 2, 1}, "x"},
        TaskPlaced{{{"build"}, -1, 1}, "x"},
        TaskPlaced{{{"next"}, 0, 1}, "x"},
        TaskPlaced{{{"nobody"}, 0, 1}, "x"},
        TaskClaimed{{{"build"}, 1, 1}, "x"},
        TaskFinished{{{"build"}, 0, 2}, Succeeded{}},
        TaskFinished{{{"build"}, 0, 0}, Succeeded{}},
        TaskFinished{{{"build"}, 1, 0}, Succeeded{}},
        TaskLost{{{"build"}, 1, 1}, "x"},
        TaskLost{{{""}, 0, 1}, "x"},
        ApproveAsked{{"build"}, "x"},
        CancelAsked{JobId{"nobody"}, "x"},
    };
    for (const auto& event : stale) {
        world.happens(event);
        EXPECT_TRUE(world.nothing_changed()) << event.index();
    }
}

TEST(Task, the_late_report_of_a_lost_attempt_changes_nothing) {
    World world("build");
    world.runs("build");
    const auto first = world.live("build");
    world.loses("build");
    world.runs("build");
    world.happens(TaskFinished{first, Succeeded{}});
    EXPECT_TRUE(world.nothing_changed());
    EXPECT_EQ(world.status("build"), JobStatus::running);
}

// --- retries --------------------------------------------------------------------------------------------------------

TEST(Retry, a_lost_attempt_is_made_again) {
    World world("build");
    world.runs("build");
    world.loses("build");
    EXPECT_EQ(world.task("build").status, TaskStatus::queued);
    EXPECT_EQ(world.status("build"), JobStatus::running);
    EXPECT_EQ(world.job("build").started_at, second(2));
    EXPECT_THAT(world.effects(), ElementsAre(Effect(WakeDispatch{})));
    world.succeeds("build");
    EXPECT_EQ(world.task("build").attempts.size(), 2u);
    EXPECT_EQ(world.status(), WorkflowStatus::success);
}

TEST(Retry, ends_at_the_limit) {
    World world("build");
    for (int i = 0; i <= max_infrastructure_retries; ++i) {
        EXPECT_FALSE(is_terminal(world.status("build")));
        world.runs("build");
        world.finishes("build", broken);
    }
    EXPECT_EQ(world.status("build"), JobStatus::infrastructure_fail);
    EXPECT_EQ(world.job("build").reason, "disk full (attempt 4, the last)");
    EXPECT_EQ(world.status(), WorkflowStatus::failed);
}

TEST(Retry, does_not_count_what_an_administrator_ended) {
    World world("build");
    for (int i = 0; i < 2 * max_infrastructure_retries; ++i) {
        world.runs("build");
        world.finishes("build", InfrastructureFailed{"restored", true, false});
    }
    for (int i = 0; i <= max_infrastructure_retries; ++i) {
        EXPECT_FALSE(is_terminal(world.status("build")));
        world.runs("build");
        world.finishes("build", broken);
    }
    EXPECT_EQ(world.status("build"), JobStatus::infrastructure_fail);
    EXPECT_EQ(world.job("build").reason, "disk full (attempt 10, the last)");
}

TEST(Retry, is_not_tried_where_it_cannot_help) {
    World world("build");
    world.runs("build");
    world.finishes("build", hopeless);
    EXPECT_EQ(world.status("build"), JobStatus::infrastructure_fail);
    EXPECT_EQ(world.job("build").reason, "no container engine: install docker.io");
}

TEST(Retry, never_repeats_the_users_own_result) {
    for (const Outcome& outcome :
         {Outcome(Failed{"x"}), Outcome(TimedOut{"x"}), Outcome(Canceled{}), Outcome(Succeeded{})}) {
        World world("build");
        world.ends("build", outcome);
        EXPECT_TRUE(is_terminal(world.status("build")));
    }
}

TEST(Retry, waits_longer_each_time) {
    World world("build");
    for (const Duration wait : retry_waits) {
        world.runs("build");
        world.finishes("build", broken);
        EXPECT_EQ(world.task("build").ready_at, *world.task("build").queued_at + wait);
    }
    world.places("build");
    EXPECT_EQ(world.task("build").ready_at, std::nullopt);
}

TEST(Retry, says_what_it_follows) {
    World world("build");
    world.runs("build");
    world.loses("build");
    world.runs("build");
    EXPECT_EQ(retried_after(world.task("build"), 2), "machine gone");
    EXPECT_EQ(retried_after(world.task("build"), 1), "");
    EXPECT_EQ(retried_after(world.task("build"), 9), "");
}

// --- jobs -----------------------------------------------------------------------------------------------------------

TEST(Job, ends_with_its_last_task) {
    World world("test*2");
    world.runs("test", 0);
    world.runs("test", 1);
    world.finishes("test", Failed{"red"}, 1);
    EXPECT_EQ(world.status("test"), JobStatus::running);
    EXPECT_EQ(world.status(), WorkflowStatus::running);
    EXPECT_EQ(world.task("test", 0).status, TaskStatus::running);
    world.finishes("test", Succeeded{}, 0);
    EXPECT_EQ(world.status("test"), JobStatus::failed);
    EXPECT_EQ(world.job("test").reason, "task 1: red");
}

TEST(Job, shows_the_most_severe_of_its_tasks) {
    struct Row {
        std::vector<Outcome> outcomes;
        JobStatus status;
        std::string reason;
    };
    const std::vector<Row> rows{
        {{Succeeded{}, Succeeded{true}}, JobStatus::success, ""},
        {{Succeeded{}, Failed{"f"}}, JobStatus::failed, "task 1: f"},
        {{Failed{"f"}, Failed{"g"}}, JobStatus::failed, "task 0: f"},
        {{Failed{"f"}, TimedOut{"t"}}, JobStatus::timedout, "task 1: t"},
        {{hopeless, TimedOut{"t"}}, JobStatus::infrastructure_fail, "task 0: no container engine: install docker.io"},
        {{hopeless, Canceled{}}, JobStatus::canceled, "task 1: the agent stopped it"},
    };
    for (const auto& row : rows) {
        World world("test*2");
        for (int i = 0; i < 2; ++i)
            world.runs("test", i), world.finishes("test", row.outcomes[static_cast<std::size_t>(i)], i);
        EXPECT_EQ(world.status("test"), row.status);
        EXPECT_EQ(world.job("test").reason, row.reason);
    }
}

TEST(Job, fan_in_waits_for_the_slowest) {
    World world("a -> end, b -> end, c -> end");
    world.succeeds("c");
    world.succeeds("a");
    EXPECT_EQ(world.status("end"), JobStatus::blocked);
    world.succeeds("b");
    EXPECT_EQ(world.status("end"), JobStatus::queued);
    EXPECT_EQ(world.task("end").status, TaskStatus::queued);
    EXPECT_THAT(world.changed(), ElementsAre("end", "b"));
    EXPECT_THAT(world.effects(), Contains(Effect(WakeDispatch{})));
}

TEST(Job, fan_out_queues_all_dependants_at_once) {
    World world("a -> b, a -> c*2, a -> d?");
    world.succeeds("a");
    EXPECT_EQ(world.status("b"), JobStatus::queued);
    EXPECT_EQ(world.status("c"), JobStatus::queued);
    EXPECT_EQ(world.status("d"), JobStatus::on_hold);
}

TEST(Job, is_not_run_behind_a_failure_and_siblings_go_on) {
    World world("a -> b -> c, lint -> c, lint -> d");
    world.fails("a");
    EXPECT_EQ(world.status("b"), JobStatus::not_run);
    EXPECT_EQ(world.status("c"), JobStatus::not_run);
    EXPECT_EQ(world.job("b").reason, "requires 'a', which is failed");
    EXPECT_EQ(world.task("b").status, TaskStatus::finished);
    EXPECT_EQ(world.status(), WorkflowStatus::failing);
    EXPECT_THAT(world.effects(), Contains(Effect(JobEnded{{"w"}, {"c"}, JobStatus::not_run})));
    world.succeeds("lint");
    EXPECT_EQ(world.status("d"), JobStatus::queued);
    world.succeeds("d");
    EXPECT_EQ(world.status(), WorkflowStatus::failed);
}

// --- approvals ------------------------------------------------------------------------------------------------------

TEST(Approval, holds_the_workflow_until_somebody_approves) {
    World world("build -> hold? -> deploy");
    world.succeeds("build");
    EXPECT_EQ(world.status("hold"), JobStatus::on_hold);
    EXPECT_EQ(world.status(), WorkflowStatus::on_hold);
    world.approves("hold");
    EXPECT_EQ(world.job("hold").approved_by, "bob");
    EXPECT_EQ(world.status("deploy"), JobStatus::queued);
    EXPECT_EQ(world.status(), WorkflowStatus::running);
    world.approves("hold");
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Approval, cannot_be_given_early) {
    World world("build -> hold? -> deploy");
    world.approves("hold");
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Approval, the_workflow_is_running_while_another_job_runs) {
    World world("hold?, build");
    EXPECT_EQ(world.status(), WorkflowStatus::running);
    world.succeeds("build");
    EXPECT_EQ(world.status(), WorkflowStatus::on_hold);
}

// --- contexts ------------------------------------------------------------------------------------------------------

TEST(Contexts, refused_end_the_job_before_it_was_placed) {
    World world("build -> deploy -> tell, lint");
    world.succeeds("build");
    world.refuses("deploy");
    EXPECT_EQ(world.status("deploy"), JobStatus::unauthorized);
    EXPECT_EQ(world.job("deploy").reason, "context 'prod' is for ann only");
    EXPECT_EQ(world.status("tell"), JobStatus::not_run);
    EXPECT_EQ(world.status(), WorkflowStatus::failing);
    EXPECT_THAT(world.effects(), Contains(Effect(WakeDispatch{})));
    world.succeeds("lint");
    EXPECT_EQ(world.status(), WorkflowStatus::unauthorized);
}

TEST(Contexts, refused_too_early_or_too_late_change_nothing) {
    World world("build -> deploy");
    world.refuses("deploy");
    EXPECT_TRUE(world.nothing_changed());
    world.succeeds("build");
    world.succeeds("deploy");
    world.refuses("deploy");
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Contexts, refused_when_an_agent_asks_stop_what_is_placed_or_runs) {
    World world("deploy -> tell");
    world.places("deploy");
    world.refuses("deploy");
    EXPECT_EQ(world.status("deploy"), JobStatus::unauthorized);
    EXPECT_EQ(world.status("tell"), JobStatus::not_run);
    EXPECT_EQ(world.status(), WorkflowStatus::unauthorized);
    const AttemptRef attempt{world.job("deploy").id, 0, 1};
    EXPECT_THAT(world.effects(), Contains(Effect(StopAttempt{attempt, "context 'prod' is for ann only"})));
    world.refuses("deploy");
    EXPECT_TRUE(world.nothing_changed()) << "told twice";
    world.happens(TaskClaimed{attempt, "late"});
    EXPECT_TRUE(world.nothing_changed()) << "nobody can begin it any more";
    world.happens(TaskFinished{attempt, Canceled{}});
    EXPECT_EQ(world.job("deploy").tasks[0].attempts[0].outcome, Outcome(Canceled{}));
    EXPECT_EQ(world.status("deploy"), JobStatus::unauthorized);
}

// --- running again without being asked -------------------------------------------------------------------------------

TEST(AutoReruns, are_asked_for_when_a_workflow_fails) {
    World world(testing::Drawing("a, b").reruns(1));
    world.fails("a");
    EXPECT_THAT(world.effects(), ::testing::Not(Contains(Effect(AutoRerun{{"w"}}))));
    world.succeeds("b");
    EXPECT_THAT(world.effects(), ElementsAre(Effect(JobEnded{{"w"}, {"b"}, JobStatus::success}),
                                             Effect(WorkflowEnded{{"w"}, WorkflowStatus::failed}),
                                             Effect(AutoRerun{{"w"}}), Effect(WakeDispatch{})));
}

TEST(AutoReruns, are_not_asked_for_otherwise) {
    World green(testing::Drawing("a").reruns(1));
    green.succeeds("a");
    EXPECT_THAT(green.effects(), ::testing::Not(Contains(Effect(AutoRerun{{"w"}}))));
    World limited("a");
    limited.fails("a");
    EXPECT_THAT(limited.effects(), ::testing::Not(Contains(Effect(AutoRerun{{"w"}}))));
    World canceled(testing::Drawing("a, b").reruns(1));
    canceled.cancels("a");
    canceled.fails("b");
    EXPECT_EQ(canceled.status(), WorkflowStatus::failed);
    EXPECT_THAT(canceled.effects(), ::testing::Not(Contains(Effect(AutoRerun{{"w"}}))));
}

// --- cancel ---------------------------------------------------------------------------------------------------------

TEST(Cancel, of_the_workflow_ends_every_job_at_once_and_stops_the_agents) {
    World world("done, run*2 -> later, hold?");
    world.succeeds("done");
    world.runs("run", 0);
    world.places("run", 1);
    world.cancels_everything();
    EXPECT_EQ(world.status("done"), JobStatus::success);
    for (const auto* name : {"run", "later", "hold"}) EXPECT_EQ(world.status(name), JobStatus::canceled) << name;
    EXPECT_EQ(world.job("later").canceled_by, "bob");
    EXPECT_EQ(world.status(), WorkflowStatus::canceled);
    EXPECT_EQ(world.workflow().canceled_by, "bob");
    EXPECT_THAT(world.effects(), ElementsAre(Effect(StopAttempt{{{"run"}, 0, 1}, "canceled by bob"}),
                                             Effect(StopAttempt{{{"run"}, 1, 1}, "canceled by bob"}),
                                             Effect(JobEnded{{"w"}, {"run"}, JobStatus::canceled}),
                                             Effect(JobEnded{{"w"}, {"later"}, JobStatus::canceled}),
                                             Effect(JobEnded{{"w"}, {"hold"}, JobStatus::canceled}),
                                             Effect(WorkflowEnded{{"w"}, WorkflowStatus::canceled})));
    world.cancels_everything();
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Cancel, the_stopped_attempt_is_only_finished) {
    World world("run");
    world.runs("run");
    world.cancels("run");
    EXPECT_EQ(world.task("run").attempts.back().state, AttemptState::running);
    const auto stopped_at = world.job("run").stopped_at;
    world.finishes("run", Succeeded{});
    EXPECT_EQ(world.status("run"), JobStatus::canceled);
    EXPECT_EQ(world.job("run").stopped_at, stopped_at);
    EXPECT_EQ(world.task("run").attempts.back().state, AttemptState::finished);
    EXPECT_EQ(world.task("run").attempts.back().outcome, Outcome(Canceled{}));
    EXPECT_THAT(world.changed(), ElementsAre("run"));
    EXPECT_THAT(world.effects(), ElementsAre(Effect(WakeDispatch{})));
    world.finishes("run", Succeeded{});
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Cancel, a_lost_agent_of_a_canceled_job_is_not_retried) {
    World world("run");
    world.runs("run");
    world.cancels("run");
    world.loses("run");
    EXPECT_EQ(world.task("run").attempts.back().outcome, Outcome(Canceled{}));
    world.places("run");
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Cancel, a_canceled_attempt_cannot_be_claimed) {
    World world("run");
    world.places("run");
    world.cancels("run");
    world.claims("run");
    EXPECT_TRUE(world.nothing_changed());
}

TEST(Cancel, of_one_job_leaves_the_others_alone) {
    World world("a -> b, c");
    world.cancels("a");
    EXPECT_EQ(world.status("a"), JobStatus::canceled);
    EXPECT_EQ(world.status("b"), JobStatus::not_run);
    EXPECT_EQ(world.status("c"), JobStatus::queued);
    EXPECT_EQ(world.status(), WorkflowStatus::running);
    EXPECT_THAT(world.workflow().canceled_by, IsEmpty());
    world.succeeds("c");
    EXPECT_EQ(world.status(), WorkflowStatus::canceled);
}

TEST(Cancel, by_nobody_in_particular_still_counts_as_asked) {
    World world("a");
    world.happens(CancelAsked{});
    EXPECT_EQ(world.status(), WorkflowStatus::canceled);
    EXPECT_EQ(world.job("a").reason, "canceled by the system");
}

// --- time and size --------------------------------------------------------------------------------------------------

TEST(Time, jumping_backwards_makes_no_negative_duration) {
    auto workflow = World("a -> b").workflow();
    const auto past = Timestamp{};
    const AttemptRef ref{{"a"}, 0, 1};
    for (const Event& event :
         {Event(TaskPlaced{ref, "x"}), Event(TaskClaimed{ref, "t"}), Event(TaskFinished{ref, Failed{}})}) {
        workflow = apply(std::move(workflow), event, past).next;
    }
    EXPECT_EQ(workflow.stopped_at, second(0));
    for (const auto& job : workflow.jobs) EXPECT_EQ(job.stopped_at, second(0)) << job.name;
    EXPECT_EQ(workflow.jobs[0].tasks[0].attempts[0].started_at, second(0));
}

// Many jobs that `end` requires, or one long chain.
Workflow large(int jobs, bool chain) {
    Plan plan{.jobs = {JobSpec{}}, .workflows = {{.name = "main"}}};
    auto& planned = plan.workflows.front();
    PlannedJob end{.name = "end", .spec = 0};
    for (int i = 0; i < jobs; ++i) {
        PlannedJob job{.name = std::to_string(i), .spec = 0};
        if (chain && i > 0) job.requires_ = {std::to_string(i - 1)};
        end.requires_.push_back(job.name);
        planned.jobs.push_back(std::move(job));
    }
    planned.jobs.push_back(std::move(end));
    const auto ids = testing::ids_like_names(planned);
    return start(plan, planned, {.id = {"w"}, .job_ids = ids});
}

Workflow live_through(Workflow workflow, const JobId& job, const Outcome& outcome) {
    const AttemptRef ref{job, 0, 1};
    for (const Event& event :
         {Event(TaskPlaced{ref, "x"}), Event(TaskClaimed{ref, "t"}), Event(TaskFinished{ref, outcome})}) {
        workflow = apply(std::move(workflow), event, second(1)).next;
    }
    return workflow;
}

TEST(Size, a_thousand_jobs_fan_in) {
    auto workflow = large(1'000, false);
    for (std::size_t i = 0; i < 1'000; ++i) {
        EXPECT_EQ(workflow.jobs.back().status, JobStatus::blocked);
        workflow = live_through(std::move(workflow), workflow.jobs[i].id, Succeeded{});
    }
    EXPECT_EQ(workflow.jobs.back().status, JobStatus::queued);
}

TEST(Size, a_failure_goes_down_a_chain_of_ten_thousand_jobs) {
    const auto workflow = live_through(large(10'000, true), {"0"}, Failed{"red"});
    EXPECT_EQ(std::ranges::count(workflow.jobs, JobStatus::not_run, &WorkflowJob::status), 10'000);
    EXPECT_EQ(workflow.status, WorkflowStatus::failed);
}

}  // namespace
}  // namespace gyre::workflow
