#include "gateway/other_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gyre::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task task(int index, TaskStatus status, std::optional<Outcome> outcome = {}) {
    Task one{.index = index, .status = status};
    if (outcome) one.attempts.push_back({.outcome = std::move(outcome)});
    return one;
}

TEST(OtherTasks, are_all_but_ones_own) {
    WorkflowJob job;
    job.tasks = {task(0, TaskStatus::running), task(1, TaskStatus::queued), task(2, TaskStatus::placed),
                 task(3, TaskStatus::running), task(4, TaskStatus::finished, Succeeded{})};
    const auto of_first = other_tasks(job, 0);
    EXPECT_EQ(of_first.queued, 1);
    EXPECT_EQ(of_first.running, 2);
    EXPECT_THAT(of_first.failed, IsEmpty());
    EXPECT_EQ(other_tasks(job, 1).queued, 0);
    EXPECT_EQ(other_tasks(job, 1).running, 3);
}

TEST(OtherTasks, that_were_tried_again_count_by_their_last_attempt) {
    WorkflowJob job;
    job.tasks = {task(0, TaskStatus::running), task(1, TaskStatus::queued, InfrastructureFailed{"lost"}),
                 task(2, TaskStatus::finished, InfrastructureFailed{"lost"})};
    job.tasks[2].attempts.push_back({.outcome = Succeeded{}});
    const auto others = other_tasks(job, 0);
    EXPECT_EQ(others.queued, 1) << "it comes again";
    EXPECT_THAT(others.failed, IsEmpty());
}

TEST(OtherTasks, that_ended_otherwise_than_well_are_named) {
    WorkflowJob job;
    job.tasks = {task(0, TaskStatus::running), task(1, TaskStatus::finished, Failed{"exit 1"}),
                 task(2, TaskStatus::finished, Canceled{}), task(3, TaskStatus::finished, TimedOut{"late"}),
                 task(4, TaskStatus::finished)};
    EXPECT_THAT(other_tasks(job, 0).failed, ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace gyre::gateway
