#include "intake/push.h"

#include <gtest/gtest.h>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "intake/poller.h"

namespace gyre::intake {
namespace {

const std::string a(40, 'a');
const std::string b(40, 'b');
const std::string c(40, 'c');

class RecordingDoor final : public FrontDoor {
public:
    Result<PipelineId> trigger(const Trigger& trigger) override {
        if (broken) return unavailable("the database is away");
        triggers.push_back(trigger);
        return PipelineId{trigger.id.text};
    }
    Result<void> handle(const Event&) override { return {}; }
    Result<void> cancel_workflow(const WorkflowId&, const std::string&) override { return {}; }
    Result<WorkflowId> rerun(const WorkflowId&, RerunKind, const std::string&) override { return WorkflowId{}; }

    std::vector<Trigger> triggers;
    bool broken = false;
};

class FakeRemote final : public GitRemote {
public:
    Result<std::map<std::string, std::string>> list_refs(const std::string&) override {
        ++asked;
        if (away) return unavailable("no route to host");
        return refs;
    }
    Result<CommitFiles> read_config(const std::string&, const std::string&, const std::string&) override {
        return CommitFiles{};
    }

    std::map<std::string, std::string> refs{{"HEAD", "ref: refs/heads/main"}, {"refs/heads/main", a}};
    int asked = 0;
    bool away = false;
};

class IntakeTest : public testing::Test {
protected:
    IntakeTest() { EXPECT_TRUE(stores.project_store().add(project).ok()); }

    Project project{.id = {"p1"}, .slug = "git/app", .remote = "/srv/app.git", .default_branch = "main"};
    memory::MemoryStores stores;
    RecordingDoor door;
    FakeRemote remote;
    memory::ManualClock clock;
    PushPorts ports{stores.project_store(), door, remote, clock};
};

TEST_F(IntakeTest, a_push_makes_a_trigger_at_the_new_revision) {
    ASSERT_TRUE(receive_push(ports, project, {"refs/heads/feat/x", a, b, "ann"}).ok());
    ASSERT_TRUE(receive_push(ports, project, {"refs/tags/v1", "", b, "ann"}).ok());
    ASSERT_EQ(door.triggers.size(), 2U);
    EXPECT_EQ(door.triggers[0].branch, "feat/x");
    EXPECT_EQ(door.triggers[0].revision, b);
    EXPECT_EQ(door.triggers[1].tag, "v1");
}

TEST_F(IntakeTest, a_deleted_ref_and_refs_of_other_kinds_make_nothing) {
    ASSERT_TRUE(receive_push(ports, project, {"refs/heads/old", a, std::string(40, '0'), "ann"}).ok());
    ASSERT_TRUE(receive_push(ports, project, {"refs/notes/commits", a, b, "ann"}).ok());
    EXPECT_TRUE(door.triggers.empty());
}

TEST_F(IntakeTest, what_is_no_commit_is_no_push) {
    EXPECT_EQ(receive_push(ports, project, {"refs/heads/main", "x", "y", "ann"}).error().fault, Fault::invalid);
    EXPECT_TRUE(door.triggers.empty());
}

TEST_F(IntakeTest, hook_and_poll_name_the_same_push_alike) {
    Poller poller(ports, std::chrono::milliseconds{0});
    poller.round();
    remote.refs["refs/heads/main"] = b;
    poller.round();
    ASSERT_TRUE(receive_push(ports, project, {"refs/heads/main", a, b, "ann"}).ok());
    ASSERT_EQ(door.triggers.size(), 2U);
    EXPECT_EQ(door.triggers[0].id, door.triggers[1].id);
}

TEST_F(IntakeTest, polling_does_not_build_the_history_but_every_later_change) {
    Poller poller(ports, std::chrono::milliseconds{0});
    poller.round();
    EXPECT_TRUE(door.triggers.empty());
    remote.refs["refs/heads/main"] = b;
    remote.refs["refs/heads/new"] = c;
    poller.round();
    poller.round();
    EXPECT_EQ(door.triggers.size(), 2U);
}

TEST_F(IntakeTest, a_push_right_after_a_project_was_added_is_not_taken_for_its_history) {
    const auto added = add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"});
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_EQ(added->default_branch, "main");
    remote.refs["refs/heads/main"] = b;
    Poller poller(ports, std::chrono::milliseconds{0});
    poller.round();
    ASSERT_EQ(door.triggers.size(), 1U);
    EXPECT_EQ(door.triggers[0].project.text, "p2");
}

TEST_F(IntakeTest, a_project_whose_remote_cannot_be_read_is_not_added) {
    remote.away = true;
    EXPECT_EQ(add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"}).error().fault,
              Fault::invalid);
    EXPECT_EQ(stores.project_store().by_slug("git/new").error().fault, Fault::not_found);
}

TEST_F(IntakeTest, a_push_that_could_not_be_stored_is_received_again) {
    Poller poller(ports, std::chrono::milliseconds{0});
    poller.round();
    remote.refs["refs/heads/main"] = b;
    door.broken = true;
    poller.round();
    door.broken = false;
    poller.round();  // left out after the failure
    poller.round();
    ASSERT_EQ(door.triggers.size(), 1U);
    EXPECT_EQ(door.triggers[0].revision, b);
}

TEST_F(IntakeTest, a_remote_that_fails_is_asked_less_and_less_often) {
    Poller poller(ports, std::chrono::milliseconds{0});
    remote.away = true;
    for (int i = 0; i < 64; ++i) poller.round();
    EXPECT_LE(remote.asked, 8);
    EXPECT_GE(remote.asked, 6);
}

TEST_F(IntakeTest, a_request_takes_the_newest_commit_of_the_default_branch) {
    ASSERT_TRUE(receive_request(ports, project, {.actor = "ann"}).ok());
    EXPECT_EQ(door.triggers.at(0).branch, "main");
    EXPECT_EQ(door.triggers.at(0).revision, a);
    EXPECT_EQ(receive_request(ports, project, {.branch = "nope"}).error().fault, Fault::not_found);
    EXPECT_EQ(receive_request(ports, project, {.tag = "v9"}).error().fault, Fault::not_found);
}

}  // namespace
}  // namespace gyre::intake
