// What SSH means for an attempt: when it opens, how long the job's place is kept, and what the server hears of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"
#include "agent/ssh/guest_in_test.h"

namespace gyre::agent {
namespace {

using testing::Guest;
using ::testing::HasSubstr;
using testing::TerminalClient;
using testing::World;

constexpr std::int64_t hour = 3600 * 1000;

class SshIntoAJob : public ::testing::Test {
protected:
    void SetUp() override {
        if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
        ::signal(SIGPIPE, SIG_IGN);
    }
    void TearDown() override {
        if (running.joinable()) running.join();
    }

    void let_ann_in() { world.gateway.let_in(access); }
    // Runs the job beside the test; answers the port once it is open.
    int start() {
        running = world.start_aside();
        EXPECT_TRUE(world.gateway.wait_until([](const FakeGateway& told) { return !told.ssh_events.empty(); }));
        return world.gateway.ssh_events.empty() ? 0 : world.gateway.ssh_events.front().port;
    }
    void finish() { running.join(); }
    std::vector<std::string> events() {
        std::vector<std::string> all;
        for (const auto& event : world.gateway.ssh_events)
            all.push_back(std::string(name_of(event.kind)) + (event.login.empty() ? "" : " " + event.login));
        return all;
    }
    // The job's only step ends once this was done by a guest.
    void a_step_until_told() { world.run("until [ -e over ]; do sleep 0.05; done"); }
    bool is_waiting_for_guests() {
        return world.gateway.wait_until([](const FakeGateway& told) { return told.steps.contains(102); });
    }
    std::string waiting_said() { return world.gateway.outputs[102]; }

    World world;
    Guest ann{"ann"};
    wire::SshAccess access{.guests = {ann.as_guest()},
                           .bind = "127.0.0.1",
                           .host = "ci.example",
                           .first_port = 20'000,
                           .last_port = 29'999,
                           .idle_ms = hour,
                           .most_ms = hour};
    std::thread running;
};

TEST_F(SshIntoAJob, opens_for_whom_a_heartbeat_lets_in_and_says_how_in_the_log) {
    let_ann_in();
    a_step_until_told();
    const int port = start();
    EXPECT_EQ(ann.does(port, "pwd; echo $CIRCLE_SHELL_ENV | grep -c bash_env").out, world.project() + "\n1\n");
    EXPECT_TRUE(world.gateway.wait_until([](const FakeGateway& told) { return told.ssh_events.size() == 3; }));
    std::ofstream(world.project() + "/over") << "now";
    finish();
    EXPECT_EQ("succeeded", world.how());
    const std::string log = world.gateway.outputs[1];
    EXPECT_THAT(log, HasSubstr("$ ssh -p " + std::to_string(port) + " ci.example"));
    EXPECT_THAT(log, HasSubstr(world.gateway.ssh_events.front().fingerprint));
    EXPECT_THAT(log, HasSubstr("ann may come in with 1 key"));
    EXPECT_EQ("Enable SSH", world.gateway.steps[1].name);
    EXPECT_EQ(StepStatus::success, world.gateway.steps[1].status);
    EXPECT_THAT(events(), ::testing::ElementsAre("opened", "login ann", "logout ann"));
    EXPECT_EQ(world.gateway.ssh_events[1].fingerprint, ann.key().fingerprint);
    EXPECT_THAT(world.gateway.ssh_events[1].from, HasSubstr("127.0.0.1:"));
    EXPECT_EQ(world.gateway.ssh_events[2].sequence, 2);
    EXPECT_FALSE(world.gateway.steps.contains(102)) << "nobody asked to have the place kept";
}

TEST_F(SshIntoAJob, reads_what_the_steps_wrote_for_later_ones) {
    let_ann_in();
    world.run("echo 'export FROM_A_STEP=yes' >> \"$BASH_ENV\"");
    a_step_until_told();
    const int port = start();
    ASSERT_TRUE(is_waiting_for_guests()) << "here the second step";
    EXPECT_EQ(ann.does(port, "echo $FROM_A_STEP").out, "yes\n");
    TerminalClient client(ann.words("ssh", port, {"-tt", "127.0.0.1"}), 80, 24);
    client.type("echo [$FROM_A_STEP]; touch over; exit\n");
    EXPECT_TRUE(client.shows("[yes]")) << client.unread();
    EXPECT_EQ(client.wait(), 0);
}

TEST_F(SshIntoAJob, the_place_is_kept_for_a_guest_and_goes_when_it_was_long_empty) {
    access.keep_always = true;
    access.idle_ms = 1;
    let_ann_in();
    a_step_until_told();
    TerminalClient client(ann.words("ssh", start(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("touch over; echo d''one\n");
    ASSERT_TRUE(client.shows("done")) << client.unread();
    ASSERT_TRUE(is_waiting_for_guests());
    client.type("echo st''ill; exit 3\n");
    EXPECT_TRUE(client.shows("still")) << client.unread();
    EXPECT_EQ(client.wait(), 3);
    finish();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("Wait for SSH sessions", world.gateway.steps[102].name);
    EXPECT_EQ(StepStatus::success, world.gateway.steps[102].status);
    EXPECT_THAT(waiting_said(), HasSubstr("Nobody was in it"));
}

TEST_F(SshIntoAJob, who_is_inside_at_the_end_may_finish_though_nobody_asked_to_keep_it) {
    let_ann_in();
    a_step_until_told();
    TerminalClient client(ann.words("ssh", start(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("touch over; echo d''one\n");
    ASSERT_TRUE(client.shows("done")) << client.unread();
    ASSERT_TRUE(is_waiting_for_guests());
    client.type("exit\n");
    EXPECT_EQ(client.wait(), 0);
    finish();
    EXPECT_EQ("succeeded", world.how());
}

TEST_F(SshIntoAJob, the_place_of_a_failed_job_is_kept_when_that_was_asked_for) {
    access.keep_on_failure = true;
    access.idle_ms = 1;
    let_ann_in();
    world.run("until [ -e over ]; do sleep 0.05; done; exit 5");
    EXPECT_EQ(ann.does(start(), "touch over").exit_code, 0);
    finish();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(waiting_said(), HasSubstr("The steps of the job have failed"));
}

TEST_F(SshIntoAJob, the_place_of_a_good_job_is_not_kept_for_a_failure) {
    access.keep_on_failure = true;
    let_ann_in();
    a_step_until_told();
    EXPECT_EQ(ann.does(start(), "touch over").exit_code, 0);
    finish();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(waiting_said(), ::testing::Not(HasSubstr("Nobody was in it for")));
}

TEST_F(SshIntoAJob, cancel_ends_the_wait_and_every_session) {
    access.keep_always = true;
    let_ann_in();
    a_step_until_told();
    TerminalClient client(ann.words("ssh", start(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("touch over\n");
    ASSERT_TRUE(is_waiting_for_guests());
    world.gateway.ask_to_stop();
    EXPECT_EQ(client.wait(), 255);
    finish();
    EXPECT_EQ("canceled", world.how());
    EXPECT_EQ(StepStatus::canceled, world.gateway.steps[102].status);
    EXPECT_THAT(events(), ::testing::ElementsAre("opened", "login ann", "logout ann"));
}

TEST_F(SshIntoAJob, the_place_of_a_job_that_ends_at_once_is_kept_as_well) {
    access.keep_always = true;
    access.idle_ms = 1;
    world.assignment.ssh = access;
    let_ann_in();
    world.run("true");
    start();
    finish();
    EXPECT_THAT(waiting_said(), HasSubstr("Nobody was in it"));
}

TEST_F(SshIntoAJob, nobody_keeps_the_place_longer_than_the_longest_time) {
    access.keep_always = true;
    access.most_ms = 1;
    let_ann_in();
    a_step_until_told();
    TerminalClient client(ann.words("ssh", start(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("touch over\n");
    EXPECT_EQ(client.wait(), 255);
    finish();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(waiting_said(), HasSubstr("The longest time of 1 s is over"));
}

TEST_F(SshIntoAJob, who_has_no_key_yet_is_told_what_to_do_and_let_in_with_the_next_heartbeat) {
    access.guests = {{"ann", {}}};
    let_ann_in();
    a_step_until_told();
    const int port = start();
    EXPECT_EQ(ann.does(port, "touch over").exit_code, 255);
    const int before = world.gateway.heartbeats;
    access.guests = {ann.as_guest()};
    let_ann_in();
    ASSERT_TRUE(world.gateway.wait_until([&](const FakeGateway& told) { return told.heartbeats > before + 2; }));
    EXPECT_EQ(ann.does(port, "touch over").exit_code, 0);
    finish();
    EXPECT_THAT(world.gateway.outputs[1], HasSubstr("ann has no key here yet: 'gyre key add"));
}

TEST_F(SshIntoAJob, a_machine_without_a_free_port_says_so_and_the_job_goes_on) {
    const testing::TakenPort taken;
    access.first_port = access.last_port = taken.number();
    access.keep_always = true;
    world.assignment.ssh = access;
    let_ann_in();
    world.run("true");
    start();
    finish();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(StepStatus::failed, world.gateway.steps[1].status);
    EXPECT_THAT(world.gateway.outputs[1], HasSubstr("SSH into this job is not possible: all ports from"));
    EXPECT_THAT(events(), ::testing::ElementsAre("failed"));
}

TEST_F(SshIntoAJob, goes_on_while_the_server_is_away_which_hears_of_it_later) {
    let_ann_in();
    a_step_until_told();
    const int port = start();
    world.gateway.go_away();
    EXPECT_EQ(ann.does(port, "echo in").out, "in\n");
    world.gateway.come_back();
    EXPECT_EQ(ann.does(port, "touch over").exit_code, 0);
    finish();
    EXPECT_THAT(events(),
                ::testing::UnorderedElementsAre("opened", "login ann", "logout ann", "login ann", "logout ann"));
}

}  // namespace
}  // namespace gyre::agent
