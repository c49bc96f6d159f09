#include "workflow/serial.h"

#include <gmock/gmock.h>

#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using testing::Drawing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::World;

const SerialHold by_job{"gh/o:deploy", "ship", {"w"}, {"ship"}};

// What the last event changed.
class Turns {
public:
    explicit Turns(const Drawing& drawing) : world(drawing), before_(world.workflow()) {}
    HoldChange change() {
        auto changed = hold_change(holds_of(before_), holds_of(world.workflow()));
        before_ = world.workflow();
        return changed;
    }
    World world;

private:
    Workflow before_;
};

TEST(Serial, a_job_takes_its_group_when_it_is_placed_and_gives_it_back_when_it_ends) {
    Turns turns(Drawing("build -> ship").in_turn({"ship"}, "deploy"));
    turns.world.succeeds("build");
    EXPECT_EQ(turns.change(), HoldChange{});
    turns.world.places("ship");
    EXPECT_EQ(turns.change(), (HoldChange{{by_job}, {}}));
    turns.world.claims("ship");
    EXPECT_EQ(turns.change(), HoldChange{});
    turns.world.finishes("ship", Failed{"red"});
    EXPECT_EQ(turns.change(), (HoldChange{{}, {by_job}}));
    EXPECT_THAT(holds_of(turns.world.workflow()), IsEmpty());
}

TEST(Serial, a_job_of_several_tasks_takes_its_group_once) {
    Turns turns(Drawing("ship*2").in_turn({"ship"}, "deploy"));
    turns.world.places("ship", 0);
    EXPECT_EQ(turns.change().taken.size(), 1u);
    turns.world.places("ship", 1);
    EXPECT_EQ(turns.change(), HoldChange{});
}

TEST(Serial, a_group_is_held_while_a_task_waits_for_its_next_attempt) {
    Turns turns(Drawing("ship").in_turn({"ship"}, "deploy"));
    turns.world.runs("ship");
    turns.world.loses("ship");
    EXPECT_THAT(holds_of(turns.world.workflow()), ElementsAre(by_job));
}

TEST(Serial, a_canceled_job_holds_its_group_until_its_agent_has_stopped) {
    Turns turns(Drawing("ship").in_turn({"ship"}, "deploy"));
    turns.world.runs("ship");
    turns.world.cancels("ship");
    EXPECT_THAT(holds_of(turns.world.workflow()), ElementsAre(by_job));
    turns.world.loses("ship");
    EXPECT_THAT(holds_of(turns.world.workflow()), IsEmpty());
}

TEST(Serial, the_jobs_of_a_job_group_hold_together_from_the_first_to_the_last) {
    Turns turns(Drawing("plan -> hold? -> apply, lint").in_turn({"plan", "hold", "apply"}, "deploy", "release"));
    turns.world.succeeds("plan");
    const SerialHold together{"gh/o:deploy", "w/release", {"w"}, {"plan"}};
    EXPECT_EQ(turns.change(), (HoldChange{{together}, {}}));
    turns.world.approves("hold");
    turns.world.places("apply");
    EXPECT_EQ(turns.change(), HoldChange{});
    turns.world.claims("apply");
    turns.world.finishes("apply", Succeeded{});
    EXPECT_EQ(turns.change().released.size(), 1u);
}

TEST(Serial, two_jobs_of_one_group_are_two_holders) {
    Turns turns(Drawing("a, b").in_turn({"a", "b"}, "deploy"));
    EXPECT_NE(holder_of(turns.world.workflow(), turns.world.job("a")),
              holder_of(turns.world.workflow(), turns.world.job("b")));
}

TEST(Serial, groups_belong_to_the_organization) {
    EXPECT_EQ(serial_group_key("gh/acme/shop", "a/b"), "gh/acme:a/b");
    EXPECT_EQ(serial_group_key("git/shop", "deploy"), "git:deploy");
    EXPECT_EQ(serial_group_name("gh/acme:a/b"), "a/b");
}

}  // namespace
}  // namespace gyre::workflow
