#include "gateway/ssh_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"

namespace gyre::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using World = WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

class SshDeskTest : public testing::Test {
protected:
    void ask(const std::string& login, SshKeep keep) {
        EXPECT_TRUE(world.stores.ssh_store().ask(job, login, keep, world.clock.now()).ok());
    }
    void add_key(const std::string& login, const std::string& name) {
        const SshKey key{.type = "ssh-ed25519", .blob = name, .comment = {}, .fingerprint = "SHA256:" + name};
        EXPECT_TRUE(world.stores.ssh_store().add_key({login, key, world.clock.now()}).ok());
    }
    std::vector<AuditEvent> audited() { return world.stores.audit_log().newest(100, 0)->events; }
    SshDeskPorts ports() {
        return {world.stores.ssh_store(), world.stores.audit_log(), world.stores.workflow_store(),
                world.stores.project_store(), world.clock};
    }
    wire::SshEvent event(int sequence, wire::SshEventKind kind) {
        return {.sequence = sequence, .kind = kind, .fingerprint = "SHA256:k", .login = "ann", .from = "192.0.2.1:5"};
    }

    World world;
    SshDesk desk{ports(), {.bind = "192.0.2.9", .host = "ci.example", .idle = Duration{5}, .most = Duration{6}}};
    JobId job{"test-1"};
};

TEST_F(SshDeskTest, lets_in_who_asked_with_their_keys_of_the_moment) {
    EXPECT_FALSE(desk.access_of(job));
    ask("ann", SshKeep::on_failure);
    add_key("ann", "one");
    desk.read_again();
    const auto access = desk.access_of(job);
    ASSERT_TRUE(access);
    ASSERT_EQ(access->guests.size(), 1U);
    EXPECT_EQ(access->guests[0].login, "ann");
    EXPECT_THAT(access->guests[0].keys, ElementsAre("ssh-ed25519 one"));
    EXPECT_TRUE(access->keep_on_failure);
    EXPECT_FALSE(access->keep_always);
    EXPECT_EQ(access->host, "ci.example");
    EXPECT_EQ(access->bind, "192.0.2.9");
    EXPECT_EQ(access->idle_ms, 5);
    EXPECT_EQ(access->most_ms, 6);
    EXPECT_FALSE(desk.access_of({"build-1"}));
    EXPECT_TRUE(*world.stores.ssh_store().remove_key("ann", "SHA256:one"));
    ask("bob", SshKeep::always);
    desk.read_again();
    EXPECT_TRUE(desk.access_of(job)->guests[0].keys.empty());
    EXPECT_TRUE(desk.access_of(job)->keep_always);
}

TEST_F(SshDeskTest, answers_heartbeats_from_memory_and_stands_by_it_while_the_store_is_away) {
    ask("ann", SshKeep::no);
    desk.read_again();
    world.stores.trouble().always("ssh.guests", memory::Mishap::fails);
    const auto asked = world.stores.trouble().calls("ssh.guests");
    for (int agent = 0; agent < 100; ++agent) EXPECT_TRUE(desk.access_of(job));
    EXPECT_EQ(world.stores.trouble().calls("ssh.guests"), asked);
    desk.read_again();
    EXPECT_TRUE(desk.access_of(job));
    EXPECT_TRUE(desk.access_now(job));
}

TEST_F(SshDeskTest, tells_an_agent_that_begins_of_who_asked_just_now) {
    EXPECT_FALSE(desk.access_now(job));
    ask("ann", SshKeep::always);
    EXPECT_FALSE(desk.access_of(job));
    EXPECT_TRUE(desk.access_now(job));
}

TEST_F(SshDeskTest, lets_nobody_in_where_it_is_switched_off) {
    SshDesk closed{ports(), {.enabled = false}};
    ask("ann", SshKeep::always);
    EXPECT_FALSE(closed.access_of(job));
}

TEST_F(SshDeskTest, keeps_where_a_job_is_reached_and_audits_who_came_and_left) {
    auto opened = event(0, wire::SshEventKind::opened);
    opened.login.clear();
    opened.host = "ci.example";
    opened.port = 64535;
    auto login = event(1, wire::SshEventKind::login);
    login.age_ms = 4000;
    const std::vector events{opened, login, event(2, wire::SshEventKind::logout)};
    ASSERT_TRUE(desk.note(first, events).ok());
    desk.read_again();
    ASSERT_TRUE(desk.note(first, events).ok());  // told twice
    const auto records = audited();
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].action, "workflow.job.ssh.logout");
    EXPECT_EQ(records[1].action, "workflow.job.ssh.login");
    EXPECT_EQ(records[1].id, "test-1-0-a1-ssh-1");
    EXPECT_EQ(records[1].actor, "ann");
    EXPECT_EQ(records[1].target, "git/demo/2");
    EXPECT_EQ(records[1].scope, "git/demo");
    EXPECT_EQ(records[0].occurred_at - records[1].occurred_at, Duration{4000});
    EXPECT_EQ(records[1].payload.at("from"), "192.0.2.1:5");
    EXPECT_EQ(records[1].payload.at("fingerprint"), "SHA256:k");
    const auto places = *world.stores.ssh_store().places(job);
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].port, 64535);
    EXPECT_EQ(places[0].fingerprint, "SHA256:k");
}

TEST_F(SshDeskTest, what_makes_no_sense_is_refused_and_what_is_long_is_cut) {
    auto odd = event(0, wire::SshEventKind::opened);
    for (const int port : {0, -1, 65'536}) {
        odd.port = port;
        EXPECT_FALSE(desk.note(first, {odd}).ok());
    }
    odd.port = 22;
    for (const char* host : {"", "-oProxyCommand=x", "a b", "a\x1b[2J", "$(x)"}) {
        odd.host = host;
        EXPECT_FALSE(desk.note(first, {odd}).ok()) << host;
    }
    EXPECT_FALSE(desk.note(first, {event(-1, wire::SshEventKind::login)}).ok());
    EXPECT_EQ(desk.note(first, std::vector(101, event(0, wire::SshEventKind::login))).error().fault, Fault::too_large);
    EXPECT_TRUE(audited().empty());
    auto failed = event(0, wire::SshEventKind::failed);
    failed.reason = std::string(5000, 'x') + "\xff";
    failed.age_ms = -5;
    ASSERT_TRUE(desk.note(first, {failed}).ok());
    EXPECT_FALSE(audited()[0].success);
    EXPECT_EQ(audited()[0].payload.at("reason").as_string().size(), 300U);
    EXPECT_EQ(audited()[0].occurred_at, world.clock.now());
}

TEST_F(SshDeskTest, agents_hear_of_guests_with_the_claim_and_with_heartbeats) {
    world.ssh = &desk;
    world.stop();
    world.start();
    ask("ann", SshKeep::always);
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    const auto claimed = agent.claim();
    ASSERT_EQ(claimed.status, 200);
    EXPECT_THAT(claimed.body, HasSubstr("\"login\":\"ann\""));
    add_key("ann", "two");
    desk.read_again();
    EXPECT_THAT(agent.post("/heartbeat", wire::Heartbeat{}).body, HasSubstr("ssh-ed25519 two"));
    EXPECT_EQ(agent.post("/ssh", wire::SshEvents{{event(0, wire::SshEventKind::login)}}).status, 200);
    EXPECT_EQ(agent.post("/ssh", wire::SshEvents{{event(-1, wire::SshEventKind::login)}}).status, 400);
    EXPECT_EQ(audited().size(), 1U);
}

}  // namespace
}  // namespace gyre::gateway
