#include "conductor/conductor.h"

#include <gtest/gtest.h>

#include <future>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/effect_loop.h"
#include "conductor/pipeline_maker.h"
#include "conductor/test_world.h"
#include "ports/contract/forwarded_workflow_store.h"

namespace gyre::conductor {
namespace {

using ConductorTest = World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

TEST_F(ConductorTest, a_push_becomes_a_pipeline_with_a_workflow_whose_first_job_is_queued) {
    const Workflow workflow = started();
    ASSERT_EQ(workflow.jobs.size(), 2U);
    EXPECT_EQ(workflow.jobs[0].status, JobStatus::queued);
    EXPECT_EQ(workflow.jobs[1].status, JobStatus::blocked);
    EXPECT_EQ(workflow.jobs[1].number, 2);
    EXPECT_EQ(stores.task_queue().queued(10)->size(), 1U);
    EXPECT_GE(bell.rings, 1);
}

TEST_F(ConductorTest, the_same_delivery_twice_is_one_pipeline) {
    const auto first = conductor.trigger(push());
    const auto second = conductor.trigger(push());
    EXPECT_EQ(first->text, second->text);
    EXPECT_EQ(stores.pipeline_reads().pipelines({})->size(), 1U);
    EXPECT_EQ(stores.pipeline_reads().workflows_of(*first)->size(), 1U);
}

TEST_F(ConductorTest, a_config_that_does_not_compile_is_a_pipeline_with_its_diagnostics) {
    git.config = "version: 2\njobs:\n  build:\n    dokcer: []\n";
    const auto pipeline = stores.workflow_store().load_pipeline(conductor.trigger(push()).value());
    EXPECT_EQ(pipeline->state, PipelineState::errored);
    std::string said;
    for (const auto& error : pipeline->errors) said += error.message;
    EXPECT_NE(said.find(".circleci/config.yml:3:3"), std::string::npos) << said;
}

TEST_F(ConductorTest, a_missing_config_says_so) {
    git.config.clear();
    const auto pipeline = stores.workflow_store().load_pipeline(conductor.trigger(push()).value());
    EXPECT_EQ(pipeline->errors.at(0).type, "config-fetch");
}

TEST_F(ConductorTest, a_defect_that_a_config_brings_to_light_fails_its_pipeline_and_nothing_else) {
    Conductor broken{
        {.workflows = stores.workflow_store(),
         .projects = stores.project_store(),
         .git = git,
         .live = live,
         .clock = clock,
         .dispatch = bell,
         .outbox_has_more = [] {},
         .orbs = [](const config::OrbReference&) -> config::OrbAnswer { throw std::logic_error("oops"); }}};
    git.config = "version: 2.1\norbs: {a: acme/a@1.0.0}\njobs: {build: {machine: true, steps: [checkout, a/go]}}\n";
    const auto pipeline = stores.workflow_store().load_pipeline(broken.trigger(push()).value());
    EXPECT_EQ(pipeline->state, PipelineState::errored);
    ASSERT_EQ(pipeline->errors.size(), 1U);
    EXPECT_NE(pipeline->errors[0].message.find("oops"), std::string::npos);

    git.config = two_jobs;
    EXPECT_EQ(workflow_of(broken.trigger(push("push-2")).value()).jobs.size(), 2U);
}

TEST_F(ConductorTest, jobs_run_in_order_to_success) {
    const Workflow workflow = started();
    run(workflow, 0, Succeeded{});
    EXPECT_EQ(now(workflow).jobs[1].status, JobStatus::queued);
    run(workflow, 1, Succeeded{});
    EXPECT_EQ(now(workflow).status, WorkflowStatus::success);
}

TEST_F(ConductorTest, a_repeated_report_changes_nothing_and_a_late_one_is_fenced_off) {
    const Workflow workflow = started();
    run(workflow, 0, Succeeded{});
    const AttemptRef attempt = first_try(workflow, 0);
    EXPECT_TRUE(conductor.handle(TaskFinished{attempt, Succeeded{}}).ok());
    EXPECT_EQ(conductor.handle(TaskFinished{attempt, Failed{"late"}}).error().fault, Fault::conflict);
    EXPECT_EQ(conductor.handle(TaskClaimed{attempt, "other"}).error().fault, Fault::conflict);
    EXPECT_EQ(conductor.handle(TaskFinished{{attempt.job, 0, 7}, Succeeded{}}).error().fault, Fault::not_found);
    EXPECT_EQ(conductor.handle(TaskFinished{{{"nobody"}, 0, 1}, Succeeded{}}).error().fault, Fault::not_found);
}

TEST_F(ConductorTest, an_attempt_that_was_lost_cannot_finish_and_the_next_one_can) {
    const Workflow workflow = started();
    const AttemptRef attempt = first_try(workflow, 0);
    ASSERT_TRUE(conductor.handle(TaskPlaced{attempt, "here"}).ok());
    ASSERT_TRUE(conductor.handle(TaskClaimed{attempt, "hash"}).ok());
    ASSERT_TRUE(conductor.handle(TaskLost{attempt, "the agent process ended"}).ok());
    EXPECT_EQ(conductor.handle(TaskFinished{attempt, Succeeded{}}).error().fault, Fault::conflict);
    EXPECT_EQ(stores.task_queue().queued(10)->at(0).next.attempt, 2);
}

TEST_F(ConductorTest, canceling_stops_what_runs_through_the_outbox) {
    const Workflow workflow = started();
    const AttemptRef attempt = first_try(workflow, 0);
    ASSERT_TRUE(conductor.handle(TaskPlaced{attempt, "here"}).ok());
    ASSERT_TRUE(conductor.handle(TaskClaimed{attempt, "hash"}).ok());
    ASSERT_TRUE(conductor.cancel_workflow(workflow.id, "ann").ok());
    EXPECT_EQ(now(workflow).status, WorkflowStatus::canceled);
    EXPECT_GE(outbox_rings, 1);
    const auto pending = stores.outbox().pending(10);
    EXPECT_TRUE(std::holds_alternative<StopAttempt>(pending->at(0).effect));
    EXPECT_TRUE(conductor.handle(TaskFinished{attempt, Canceled{}}).ok());
}

TEST_F(ConductorTest, nobody_claims_what_was_canceled_before) {
    const Workflow workflow = started();
    const AttemptRef attempt = first_try(workflow, 0);
    ASSERT_TRUE(conductor.handle(TaskPlaced{attempt, "here"}).ok());
    ASSERT_TRUE(conductor.cancel_workflow(workflow.id, "ann").ok());
    EXPECT_EQ(conductor.handle(TaskClaimed{attempt, "hash"}).error().fault, Fault::conflict);
    EXPECT_TRUE(conductor.handle(TaskFinished{attempt, Canceled{}}).ok());
    EXPECT_TRUE(stores.task_queue().live()->empty());
}

TEST_F(ConductorTest, a_remote_that_does_not_answer_takes_no_trigger_and_the_same_push_may_come_again) {
    git.away = true;
    EXPECT_EQ(conductor.trigger(push()).error().fault, Fault::unavailable);
    git.away = false;
    const auto pipeline = conductor.trigger(push());
    ASSERT_TRUE(pipeline.ok());
    EXPECT_EQ(stores.workflow_store().load_pipeline(*pipeline)->state, PipelineState::created);
}

TEST_F(ConductorTest, somebody_faster_on_the_same_database_is_noticed_and_the_event_applied_to_the_newer_state) {
    const Workflow workflow = started();
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::conflict);
    EXPECT_TRUE(conductor.handle(TaskPlaced{first_try(workflow, 0), "here"}).ok());
    EXPECT_EQ(now(workflow).jobs[0].status, JobStatus::running);
}

TEST_F(ConductorTest, events_that_come_together_are_answered_each_for_itself) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    const std::vector<Event> events{TaskPlaced{first_try(first, 0), "here"},
                                    TaskClaimed{first_try(first, 1), "hash"},  // nobody placed it
                                    TaskPlaced{first_try(second, 0), "here"}, TaskClaimed{first_try(first, 0), "hash"}};
    const auto answers = conductor.handle_all(events);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_TRUE(answers[0].ok() && answers[2].ok() && answers[3].ok());
    ASSERT_FALSE(answers[1].ok());
    EXPECT_EQ(answers[1].error().fault, Fault::not_found);
    EXPECT_EQ(now(first).jobs[0].tasks[0].status, TaskStatus::running);
    EXPECT_EQ(now(second).jobs[0].tasks[0].status, TaskStatus::placed);
}

TEST_F(ConductorTest, one_of_several_events_that_finds_its_workflow_changed_by_another_server_holds_up_none) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    Conductor other({stores.workflow_store(), stores.project_store(), git, live, clock, bell, [] {}});
    ASSERT_TRUE(other.handle(TaskPlaced{first_try(first, 0), "there"}).ok());
    ASSERT_TRUE(other.handle(TaskClaimed{first_try(first, 0), "theirs"}).ok());
    const std::vector<Event> events{TaskPlaced{first_try(second, 0), "here"}, CancelAsked{first.jobs[0].id, "ann"},
                                    TaskClaimed{first_try(second, 0), "ours"}};
    for (const auto& answer : conductor.handle_all(events)) EXPECT_TRUE(answer.ok());
    EXPECT_EQ(now(first).jobs[0].status, JobStatus::canceled);
    EXPECT_EQ(now(first).jobs[0].tasks[0].attempts.at(0).client, "there");
    EXPECT_EQ(now(second).jobs[0].tasks[0].status, TaskStatus::running);
}

TEST_F(ConductorTest, an_outage_is_told_to_all_whose_events_met_it_and_what_was_not_stored_is_not_remembered) {
    const Workflow workflow = started();
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::fails);
    const std::vector<Event> events{TaskPlaced{first_try(workflow, 0), "here"},
                                    TaskClaimed{first_try(workflow, 0), "hash"}};
    for (const auto& answer : conductor.handle_all(events)) {
        ASSERT_FALSE(answer.ok());
        EXPECT_EQ(answer.error().fault, Fault::unavailable);
    }
    EXPECT_TRUE(now(workflow).jobs[0].tasks[0].attempts.empty());
    for (const auto& answer : conductor.handle_all(events)) EXPECT_TRUE(answer.ok());
    EXPECT_EQ(now(workflow).jobs[0].tasks[0].status, TaskStatus::running);
}

class BrokenEntropy final : public Entropy {
public:
    std::string uuid() override { throw std::logic_error("a defect"); }
};

TEST_F(ConductorTest, a_defect_that_one_event_brings_to_light_is_not_the_others) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    BrokenEntropy broken;
    Conductor server({stores.workflow_store(), stores.project_store(), git, live, clock, bell, [] {}, {}, broken});
    const std::vector<Event> events{TaskPlaced{first_try(first, 0), "here"},
                                    CancelAsked{second.jobs[0].id, "ann"},  // its id is drawn
                                    TaskClaimed{first_try(first, 0), "hash"}};
    EXPECT_THROW((void)server.handle_all(events), std::logic_error);
    EXPECT_EQ(now(first).jobs[0].tasks[0].status, TaskStatus::running);
    EXPECT_EQ(now(second).jobs[0].status, JobStatus::queued);
    EXPECT_TRUE(server.handle(TaskPlaced{first_try(second, 0), "here"}).ok());
}

// Refuses what it is told to, for good.
class StrictStore final : public contract::ForwardedWorkflowStore {
public:
    using ForwardedWorkflowStore::ForwardedWorkflowStore;
    Result<Committed> commit(const Commit& commit) override {
        if (commit.kind == "cancel_asked") return invalid("this cannot be stored");
        return ForwardedWorkflowStore::commit(commit);
    }
};

TEST_F(ConductorTest, an_event_that_cannot_be_stored_is_refused_alone) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    StrictStore strict(stores.workflow_store());
    Conductor server({strict, stores.project_store(), git, live, clock, bell, [] {}});
    const std::vector<Event> events{TaskPlaced{first_try(first, 0), "here"}, CancelAsked{second.jobs[0].id, "ann"},
                                    TaskPlaced{first_try(second, 0), "here"}};
    const auto answers = server.handle_all(events);
    EXPECT_TRUE(answers[0].ok());
    EXPECT_FALSE(answers[1].ok());
    EXPECT_TRUE(answers[2].ok());
    EXPECT_EQ(now(second).jobs[0].tasks[0].status, TaskStatus::placed);
}

// Those that come while others are written share what they share, and none waits for ever.
TEST_F(ConductorTest, many_who_report_at_once_are_all_answered) {
    std::vector<Workflow> workflows;
    for (int i = 0; i < 16; ++i) workflows.push_back(workflow_of(conductor.trigger(push(std::to_string(i))).value()));
    std::vector<std::future<bool>> reports;
    for (const auto& workflow : workflows) {
        reports.push_back(std::async(std::launch::async, [&] {
            const AttemptRef attempt = first_try(workflow, 0);
            return conductor.handle(TaskPlaced{attempt, "here"}).ok() &&
                   conductor.handle(TaskClaimed{attempt, "hash"}).ok() &&
                   conductor.handle(TaskFinished{attempt, Succeeded{}}).ok();
        }));
    }
    for (auto& report : reports) EXPECT_TRUE(report.get());
    for (const auto& workflow : workflows) EXPECT_EQ(now(workflow).jobs[0].status, JobStatus::success);
}

TEST_F(ConductorTest, remembers_no_more_than_it_may_and_reads_the_rest) {
    Conductor forgetful({stores.workflow_store(),
                         stores.project_store(),
                         git,
                         live,
                         clock,
                         bell,
                         [] {},
                         {},
                         kernel_entropy(),
                         [] {},
                         1});
    const Workflow first = workflow_of(forgetful.trigger(push("1")).value());
    const Workflow second = workflow_of(forgetful.trigger(push("2")).value());
    const auto loads = [&] { return stores.trouble().calls("workflow_store.load"); };
    const int before = loads();
    ASSERT_TRUE(forgetful.handle(TaskPlaced{first_try(second, 0), "here"}).ok());
    EXPECT_EQ(loads(), before);
    ASSERT_TRUE(forgetful.handle(TaskPlaced{first_try(first, 0), "here"}).ok());
    EXPECT_EQ(loads(), before + 1);
    EXPECT_EQ(now(first).jobs[0].status, JobStatus::running);
}

TEST_F(ConductorTest, a_commit_whose_answer_was_lost_is_not_made_twice) {
    const Workflow workflow = started();
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::lost_answer);
    EXPECT_EQ(conductor.handle(TaskPlaced{first_try(workflow, 0), "here"}).error().fault, Fault::unavailable);
    EXPECT_TRUE(conductor.handle(TaskPlaced{first_try(workflow, 0), "here"}).ok());
    EXPECT_EQ(now(workflow).jobs[0].tasks[0].attempts.size(), 1U);
}

// Seeds 3258 and 155 of the simulation: the effects of such a commit, and its tasks, waited for somebody else's.
TEST_F(ConductorTest, rings_for_what_may_be_stored_when_the_answer_of_a_commit_was_lost) {
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::lost_answer);
    EXPECT_EQ(conductor.trigger(push()).error().fault, Fault::unavailable);
    EXPECT_EQ(bell.rings, 1);

    const Workflow workflow = workflow_of(*conductor.trigger(push()));
    const int before = outbox_rings;
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::lost_answer);
    EXPECT_EQ(conductor.cancel_workflow(workflow.id, "ann").error().fault, Fault::unavailable);
    EXPECT_GT(outbox_rings, before);
}

TEST_F(ConductorTest, a_rerun_from_failed_keeps_what_succeeded) {
    const Workflow workflow = started();
    EXPECT_EQ(conductor.rerun(workflow.id, RerunKind::from_start, "ann").error().fault, Fault::conflict);
    run(workflow, 0, Succeeded{});
    run(workflow, 1, Failed{"step 'make test' exited with code 1"});
    const auto again = conductor.rerun(workflow.id, RerunKind::from_failed, "ann");
    ASSERT_TRUE(again.ok()) << again.error().message;
    const Workflow next = stores.workflow_store().load(*again).value();
    EXPECT_EQ(next.jobs[0].status, JobStatus::success);
    EXPECT_EQ(next.jobs[1].status, JobStatus::queued);
    EXPECT_EQ(next.jobs[1].number, 3);
    EXPECT_EQ(next.workspace, workflow.id);
}

class HearingBell final : public StopBell {
public:
    void stop(const AttemptRef& attempt, const std::string&) override { heard.set_value(attempt); }
    std::promise<AttemptRef> heard;
};

TEST_F(ConductorTest, the_effect_loop_carries_out_what_an_earlier_process_left) {
    const Workflow workflow = started();
    const AttemptRef attempt = first_try(workflow, 0);
    ASSERT_TRUE(conductor.handle(TaskPlaced{attempt, "here"}).ok());
    ASSERT_TRUE(conductor.cancel_workflow(workflow.id, "ann").ok());
    stores.trouble().on("outbox.pending", 1, memory::Mishap::fails);
    HearingBell stop_bell;
    EffectLoop loop(stores.outbox(), stop_bell, conductor, std::chrono::milliseconds{1});
    loop.start();
    EXPECT_EQ(stop_bell.heard.get_future().get(), attempt);
    loop.stop();
}

}  // namespace
}  // namespace gyre::conductor
