// Serial groups over several pipelines: the store keeps them apart.

#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

constexpr const char* one_at_a_time = R"(
version: 2.1
jobs:
  ship: {docker: [{image: "debian:12"}], steps: [{run: make ship}]}
workflows:
  main: {jobs: [ship: {serial-group: deploy}]}
)";

class SerialTest : public World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    SerialTest() { git.config = one_at_a_time; }
    Result<void> place(const Workflow& workflow) {
        return conductor.handle(TaskPlaced{first_try(workflow, 0), "here"});
    }
};

TEST_F(SerialTest, the_second_is_placed_once_the_first_has_ended) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    EXPECT_EQ(first.jobs[0].serial_group, "git:deploy");
    ASSERT_TRUE(place(first).ok());
    const auto refused = place(second);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_NE(refused.error().message.find("held by job 'ship'"), std::string::npos) << refused.error().message;
    EXPECT_EQ(now(second).jobs[0].status, JobStatus::queued);
    EXPECT_EQ(stores.task_queue().queued(10)->at(0).held_by, "job 'ship' of pipeline 1 of git/app");

    ASSERT_TRUE(conductor.handle(TaskClaimed{first_try(first, 0), "hash"}).ok());
    ASSERT_TRUE(conductor.handle(TaskFinished{first_try(first, 0), Succeeded{}}).ok());
    EXPECT_TRUE(stores.workflow_store().serial_holds()->empty());
    EXPECT_TRUE(place(second).ok());
    EXPECT_EQ(stores.workflow_store().serial_holds()->at(0).holder, second.jobs[0].id.text);
}

TEST_F(SerialTest, a_canceled_holder_keeps_its_group_until_its_agent_has_stopped) {
    const Workflow first = workflow_of(conductor.trigger(push("1")).value());
    const Workflow second = workflow_of(conductor.trigger(push("2")).value());
    ASSERT_TRUE(place(first).ok());
    ASSERT_TRUE(conductor.cancel_workflow(first.id, "ann").ok());
    EXPECT_FALSE(place(second).ok());
    ASSERT_TRUE(conductor.handle(TaskFinished{first_try(first, 0), Canceled{}}).ok());
    EXPECT_TRUE(place(second).ok());
}

// Seed 9925 of the simulation: the workflow had changed on another server, and its job was not placed for that.
TEST_F(SerialTest, a_workflow_that_another_server_changed_is_placed_at_the_first_try) {
    git.config = R"(
version: 2.1
jobs:
  ship: {docker: [{image: "debian:12"}], steps: [{run: make ship}]}
  test: {docker: [{image: "debian:12"}], steps: [{run: make test}]}
workflows:
  main: {jobs: [ship: {serial-group: deploy}, test]}
)";
    const Workflow workflow = started();
    Conductor other({stores.workflow_store(), stores.project_store(), git, live, clock, bell, [] {}});
    ASSERT_TRUE(other.handle(TaskPlaced{first_try(workflow, 1), "there"}).ok());
    const auto placed = place(workflow);
    ASSERT_TRUE(placed.ok()) << placed.error().message;
    EXPECT_EQ(now(workflow).jobs[0].status, JobStatus::running);
}

}  // namespace
}  // namespace gyre::conductor
