#include "workflow/mend.h"

#include <gmock/gmock.h>

#include <functional>
#include <random>
#include <set>

#include "workflow/check.h"
#include "workflow/retry.h"
#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using ::testing::IsEmpty;
using testing::second;
using testing::World;

std::vector<std::string> sentences(const Workflow& workflow) {
    std::vector<std::string> found;
    for (const auto& finding : check(workflow)) found.push_back(finding.sentence);
    return found;
}

// Each attempt has a token of its own.
void succeeds(World& world, std::string_view job, int tasks = 1) {
    for (int task = 0; task < tasks; ++task) {
        world.runs(job, task, std::string(job) + std::to_string(task));
        world.finishes(job, Succeeded{}, task);
    }
}
Workflow ended() {
    World world("build -> test*2 -> deploy");
    succeeds(world, "build");
    succeeds(world, "test", 2);
    succeeds(world, "deploy");
    return world.workflow();
}
// build succeeded, of test one task ended and one runs, deploy waits for it.
Workflow busy() {
    World world("build -> test*2 -> deploy");
    succeeds(world, "build");
    world.runs("test", 0, "first");
    world.finishes("test", Succeeded{}, 0);
    world.runs("test", 1, "second");
    return world.workflow();
}

// Somebody is to approve what goes on.
Workflow held() {
    World world("build -> hold? -> deploy, build -> all. -> deploy");
    succeeds(world, "build");
    return world.workflow();
}

constexpr std::size_t test = 1;
constexpr std::size_t deploy = 2;

void open(WorkflowJob& job) {
    job.status = JobStatus::running;
    job.stopped_at.reset();
}
void open(Attempt& attempt) {
    attempt.state = AttemptState::running;
    attempt.outcome.reset();
    attempt.stopped_at.reset();
}

struct Wrong {
    const char* name;
    std::function<Workflow()> make;
    std::function<void(Workflow&)> spoil;
    WorkflowStatus ends_as;
    JobStatus tests_end_as;
};
class Mend : public ::testing::TestWithParam<Wrong> {};

TEST_P(Mend, makes_what_keeps_the_law_and_then_nothing_more) {
    Workflow workflow = GetParam().make();
    ASSERT_THAT(sentences(workflow), IsEmpty());
    GetParam().spoil(workflow);
    ASSERT_FALSE(sentences(workflow).empty()) << "nothing was wrong";
    const auto mended = mend(workflow, second(100));
    EXPECT_THAT(sentences(mended.next), IsEmpty());
    EXPECT_FALSE(mended.done.empty());
    EXPECT_EQ(mended.next.status, GetParam().ends_as);
    EXPECT_EQ(mended.next.jobs[test].status, GetParam().tests_end_as);
    const auto again = mend(mended.next, second(200));
    EXPECT_EQ(again.next, mended.next);
    EXPECT_THAT(again.done, IsEmpty());
    EXPECT_THAT(again.changed, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Mend,
    ::testing::Values(Wrong{"a job that runs though its tasks and its workflow ended", ended,
                            [](Workflow& w) { open(w.jobs[test]); }, WorkflowStatus::success, JobStatus::success},
                      Wrong{"the same in a workflow that runs", ended,
                            [](Workflow& w) {
                                open(w.jobs[test]);
                                w.status = WorkflowStatus::running;
                                w.stopped_at.reset();
                            },
                            WorkflowStatus::success, JobStatus::success},
                      Wrong{"a task that is queued below a job that ended", ended,
                            [](Workflow& w) { w.jobs[test].tasks[1].status = TaskStatus::queued; },
                            WorkflowStatus::success, JobStatus::success},
                      Wrong{"an attempt that runs below a job that ended", ended,
                            [](Workflow& w) { open(w.jobs[test].tasks[1].attempts.back()); }, WorkflowStatus::success,
                            JobStatus::success},
                      Wrong{"a job that is queued in a workflow that ended", ended,
                            [](Workflow& w) {
                                w.jobs[test].status = JobStatus::queued;
                                w.jobs[test].stopped_at.reset();
                                for (auto& task : w.jobs[test].tasks)
                                    task.status = TaskStatus::queued, task.attempts.clear();
                                w.jobs[deploy].canceled_by = "ann";
                                w.jobs[deploy].status = JobStatus::canceled;
                            },
                            WorkflowStatus::canceled, JobStatus::canceled},
                      Wrong{"a status that the jobs do not say", busy,
                            [](Workflow& w) { w.status = WorkflowStatus::failing; }, WorkflowStatus::running,
                            JobStatus::running},
                      Wrong{"a task that runs though its attempt ended well", busy,
                            [](Workflow& w) {
                                auto& attempt = w.jobs[test].tasks[1].attempts.back();
                                attempt.state = AttemptState::finished;
                                attempt.stopped_at = second(50);
                                attempt.outcome = Succeeded{};
                            },
                            WorkflowStatus::running, JobStatus::success},
                      Wrong{"a task that runs though its attempt was lost", busy,
                            [](Workflow& w) {
                                auto& attempt = w.jobs[test].tasks[1].attempts.back();
                                attempt.state = AttemptState::finished;
                                attempt.stopped_at = second(50);
                                attempt.outcome = InfrastructureFailed{"gone"};
                            },
                            WorkflowStatus::running, JobStatus::running},
                      Wrong{"an attempt that runs though its task is queued", busy,
                            [](Workflow& w) { w.jobs[test].tasks[1].status = TaskStatus::queued; },
                            WorkflowStatus::running, JobStatus::running},
                      Wrong{"an attempt that runs though its task ended", busy,
                            [](Workflow& w) { w.jobs[test].tasks[1].status = TaskStatus::finished; },
                            WorkflowStatus::running, JobStatus::running},
                      Wrong{"tasks that ended without having run", busy,
                            [](Workflow& w) {
                                for (auto& task : w.jobs[test].tasks)
                                    task.status = TaskStatus::finished, task.attempts.clear();
                            },
                            WorkflowStatus::canceled, JobStatus::canceled},
                      Wrong{"a workflow that ended before its jobs", busy,
                            [](Workflow& w) {
                                w.status = WorkflowStatus::success;
                                w.stopped_at = second(90);
                            },
                            WorkflowStatus::canceled, JobStatus::canceled}));

TEST(Mending, tries_nothing_again_beyond_the_limit) {
    Workflow workflow = busy();
    auto& task = workflow.jobs[test].tasks[1];
    const Attempt lost = [&] {
        Attempt attempt = task.attempts.back();
        attempt.state = AttemptState::finished;
        attempt.stopped_at = second(50);
        attempt.outcome = InfrastructureFailed{"gone"};
        return attempt;
    }();
    task.attempts.assign(1 + max_infrastructure_retries, lost);
    for (std::size_t i = 0; i < task.attempts.size(); ++i) {
        task.attempts[i].number = static_cast<int>(i) + 1;
        task.attempts[i].token_hash = "token " + std::to_string(i);
    }
    task.attempts.back().outcome.reset();
    const auto mended = mend(workflow, second(100)).next;
    EXPECT_THAT(sentences(mended), IsEmpty());
    EXPECT_EQ(mended.jobs[test].status, JobStatus::infrastructure_fail);
}

TEST(Mending, gives_a_job_that_ended_the_time_of_its_last_attempts_end) {
    const Workflow workflow = ended();
    Workflow spoiled = workflow;
    spoiled.jobs[test].stopped_at.reset();
    const auto mended = mend(spoiled, second(1000));
    EXPECT_EQ(mended.next, workflow);
    EXPECT_EQ(mended.changed, std::vector{test});
}

TEST(Mending, ends_a_job_when_its_last_task_ended) {
    Workflow workflow = ended();
    const auto was = workflow.jobs[test].stopped_at;
    open(workflow.jobs[test]);
    EXPECT_EQ(mend(workflow, second(1000)).next.jobs[test].stopped_at, was);
}

TEST(Mending, lets_those_begin_that_wait_for_a_job_which_it_ends) {
    Workflow workflow = busy();
    auto& attempt = workflow.jobs[test].tasks[1].attempts.back();
    attempt.state = AttemptState::finished;
    attempt.stopped_at = second(50);
    attempt.outcome = Succeeded{};
    EXPECT_EQ(mend(workflow, second(100)).next.jobs[deploy].status, JobStatus::queued);
}

TEST(Mending, leaves_the_agent_of_a_canceled_job_to_tell_that_it_stopped) {
    World world("build*2 -> test");
    world.runs("build", 0, "one");
    world.cancels("build");
    Workflow workflow = world.workflow();
    ASSERT_THAT(sentences(workflow), IsEmpty());
    EXPECT_EQ(mend(workflow, second(100)).next, workflow);
    workflow.jobs[0].tasks[1].status = TaskStatus::queued;
    const auto mended = mend(workflow, second(100)).next;
    EXPECT_EQ(mended.jobs[0].tasks[1].status, TaskStatus::finished);
    EXPECT_EQ(mended.jobs[0].tasks[0].attempts.back().state, AttemptState::running);
}

template <typename Status>
Status any_of(std::mt19937& random) {
    const auto& names = enum_names(Status{});
    return names[random() % names.size()].first;
}

// Whatever stands in the records.
Workflow spoiled(Workflow workflow, std::mt19937& random) {
    if (random() % 3 == 0) workflow.status = any_of<WorkflowStatus>(random);
    if (random() % 3 == 0) workflow.stopped_at = random() % 2 ? std::optional(second(40)) : std::nullopt;
    for (auto& job : workflow.jobs) {
        if (random() % 3 == 0) job.status = any_of<JobStatus>(random);
        if (random() % 4 == 0) job.stopped_at = random() % 2 ? std::optional(second(30)) : std::nullopt;
        if (random() % 6 == 0) job.canceled_by = "ann";
        for (auto& task : job.tasks) {
            if (random() % 3 == 0) task.status = any_of<TaskStatus>(random);
            if (random() % 5 == 0) task.attempts.clear();
            if (!task.attempts.empty() && random() % 3 == 0) open(task.attempts.back());
        }
    }
    return workflow;
}

// What is left of the rules that mending settles, and what it broke itself.
std::vector<std::string> broken_promises(const Workflow& was, const Workflow& is) {
    static const std::set<std::string> settled{"status-is-fold",       "stopped-when-ended", "on-hold-is-approval",
                                               "job-fits-tasks",       "task-fits-attempts", "one-live-attempt",
                                               "blocked-by-something", "retry-limit"};
    // What has ended stays as it is, whatever ends beneath it and before it now.
    static const std::set<std::string> of_the_ended{"job-is-verdict", "requirements-met"};
    std::set<std::string> before;
    for (const auto& finding : check(was)) before.insert(finding.rule);
    std::vector<std::string> broken;
    for (const auto& finding : check(is)) {
        if (of_the_ended.contains(finding.rule)) continue;
        if (settled.contains(finding.rule) || !before.contains(finding.rule)) broken.push_back(finding.sentence);
    }
    return broken;
}

TEST(Mending, of_whatever_stands_there_needs_no_second_time_and_opens_nothing_that_ended) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        std::mt19937 random(seed);
        const Workflow was = spoiled(seed % 3 == 0 ? ended() : seed % 3 == 1 ? busy() : held(), random);
        const auto mended = mend(was, second(100));
        const auto again = mend(mended.next, second(200));
        ASSERT_THAT(again.done, IsEmpty()) << "seed " << seed << ", " << ::testing::PrintToString(sentences(was))
                                           << " became " << ::testing::PrintToString(mended.done) << " and left "
                                           << ::testing::PrintToString(sentences(mended.next));
        ASSERT_THAT(broken_promises(was, mended.next), IsEmpty()) << "seed " << seed;
        if (is_terminal(was.status)) {
            ASSERT_TRUE(is_terminal(mended.next.status)) << "seed " << seed;
        }
        for (std::size_t at = 0; at < was.jobs.size(); ++at) {
            if (!is_terminal(was.jobs[at].status)) continue;
            ASSERT_EQ(mended.next.jobs[at].status, was.jobs[at].status) << "seed " << seed;
        }
        for (const auto& job : mended.next.jobs) {
            if (!is_terminal(mended.next.status)) break;
            ASSERT_TRUE(is_terminal(job.status)) << "seed " << seed;
            for (const auto& task : job.tasks) ASSERT_EQ(task.status, TaskStatus::finished) << "seed " << seed;
        }
    }
}

TEST(Mending, leaves_a_graph_that_leads_nowhere) {
    Workflow workflow = ended();
    open(workflow.jobs[test]);
    workflow.jobs[0].requires_ = {2};
    EXPECT_EQ(mend(workflow, second(100)).next, workflow);
    workflow.jobs[0].requires_ = {99};
    EXPECT_EQ(mend(workflow, second(100)).next, workflow);
    workflow.jobs.clear();
    EXPECT_EQ(mend(workflow, second(100)).next, workflow);
}

}  // namespace
}  // namespace gyre::workflow
