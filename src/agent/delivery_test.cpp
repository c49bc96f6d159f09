// Output and reports on their way to a server that is slow, away, forgetful or confused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <future>

#include "agent/attempt_harness.h"
#include "agent/blobs.h"
#include "agent/claim.h"
#include "agent/heartbeat.h"
#include "agent/reporter.h"
#include "agent/spool.h"
#include "agent/uploader.h"
#include "agent/watch.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::World;

std::string content(const Spool& spool) {
    std::string text(static_cast<std::size_t>(spool.length()), '\0');
    EXPECT_EQ(spool.length(), ::pread(spool.file(), text.data(), text.size(), 0));
    return text;
}

std::shared_ptr<Spool> new_spool(std::int64_t limit) {
    return *Spool::open("/tmp", 101, limit, [](bool) {});
}

TEST(Spool, keeps_everything_up_to_its_limit) {
    const auto spool = new_spool(1000);
    std::string all;
    for (int i = 0; i < 100; ++i) {
        const std::string piece(10, static_cast<char>('a' + i % 26));
        spool->write(piece);
        all += piece;
    }
    spool->finish();
    EXPECT_EQ(all, content(*spool));
    EXPECT_FALSE(spool->is_truncated());
}

TEST(Spool, keeps_head_and_tail_and_says_what_is_missing) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{249}, std::size_t{250},
                                    std::size_t{251}, std::size_t{4000}, std::size_t{100'000}}) {
        const auto spool = new_spool(1000);
        std::string all;
        for (int i = 0; all.size() < 20'000; ++i) all += std::to_string(i) + "\n";
        all.resize(20'000);
        for (std::size_t at = 0; at < all.size(); at += piece) spool->write(std::string_view(all).substr(at, piece));
        spool->finish();
        const std::string kept = content(*spool);
        EXPECT_THAT(kept, StartsWith(all.substr(0, 750))) << piece;
        EXPECT_THAT(kept, EndsWith(all.substr(all.size() - 250))) << piece;
        EXPECT_THAT(kept, HasSubstr("\n... 19000 bytes of output were left out here")) << piece;
        EXPECT_LT(kept.size(), 1100u);
        EXPECT_TRUE(spool->is_truncated());
    }
}

TEST(Spool, takes_nothing_after_its_end) {
    const auto spool = new_spool(100);
    spool->write("a");
    spool->finish();
    spool->write("b");
    spool->finish();
    EXPECT_EQ("a", content(*spool));
}

// Some hundred kilobytes of which every place is different.
constexpr const char* much_output = "for i in $(seq 60000); do echo line $i; done";
std::string much_output_text() {
    std::string text;
    for (int i = 1; i <= 60000; ++i) text += "line " + std::to_string(i) + "\n";
    return text;
}

TEST(Delivery, survives_every_mishap_of_the_server) {
    World world;
    int seed = 1;
    world.gateway.mishap = [&](const std::string& method, const std::string& what) {
        if (what == "heartbeat") return Mishap::none;
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        switch ((seed >> 16) % 5) {
            case 0:
                return Mishap::hang_up;
            case 1:
                return Mishap::lose_answer;
            case 2:
                return Mishap::busy;
            case 3:
                return method == "PUT" && what.starts_with("output/") && (seed >> 20) % 4 == 0 ? Mishap::forget
                                                                                               : Mishap::none;
            default:
                return Mishap::none;
        }
    };
    world.run(much_output).run("echo x > x; exit 5").step(StoreArtifactsStep{.path = "x"}).start();
    EXPECT_EQ("failed", world.how());
    EXPECT_EQ(much_output_text(), world.output(0));
    EXPECT_EQ(5, world.record(1).exit_code);
    ASSERT_FALSE(world.gateway.artifacts.empty());
    EXPECT_EQ("x\n", world.gateway.blobs[world.gateway.artifacts[0].blob]);
}

TEST(Delivery, loses_nothing_while_the_server_is_away_for_longer_than_the_lease) {
    World world;
    world.assignment.heartbeat_ms = 20;
    world.assignment.lease_ms = 60;
    world.run("while [ ! -e go ]; do sleep 0.01; done").run(much_output).run("touch done");
    auto agent = world.start_aside();
    ASSERT_TRUE(world.gateway.wait_until([](const auto& gateway) { return gateway.steps.contains(101); }));
    world.gateway.go_away();
    std::ofstream(world.project() + "/go") << "";
    // The job goes on without the server, well beyond the lease: the server's own socket refuses.
    const auto since = std::chrono::steady_clock::now();
    while (!std::filesystem::exists(world.project() + "/done"))
        ASSERT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(20));
    world.gateway.come_back();
    agent.join();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(much_output_text(), world.output(1));
}

TEST(Delivery, an_agent_whose_server_others_replace_stops_the_job_while_it_is_away) {
    World world;
    world.assignment.heartbeat_ms = 10;
    world.assignment.lease_ms = 100;
    world.assignment.others_take_over = true;
    world.run("echo $$ > pid; exec sleep 60");
    auto agent = world.start_aside();
    ASSERT_TRUE(world.gateway.wait_until([](const auto& gateway) { return gateway.steps.contains(101); }));
    pid_t job = 0;
    const auto since = std::chrono::steady_clock::now();
    while (!(std::ifstream(world.project() + "/pid") >> job))
        ASSERT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(20));
    world.gateway.go_away();
    while (::kill(job, 0) == 0) ASSERT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(20));
    world.gateway.come_back();
    agent.join();
    EXPECT_EQ("infrastructure_failed", world.how());
}

TEST(Delivery, an_agent_that_cannot_renew_its_lease_stops_the_job) {
    World world;
    world.assignment.heartbeat_ms = 10;
    world.assignment.lease_ms = 100;
    // Connections are taken and dropped: that is no dead server of this machine.
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what == "heartbeat" ? Mishap::hang_up : Mishap::none;
    };
    world.run("sleep 60").run("echo never", StepCondition::always).start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("out of reach"));
    EXPECT_EQ("", world.output(1));
}

TEST(Delivery, a_canceled_step_may_end_in_good_order_but_one_without_a_lease_may_not) {
    const std::string polite = "trap 'echo in good order; exit' TERM; echo up; while :; do sleep 0.01; done";
    World canceled;
    auto agent = canceled.run(polite).start_aside();
    ASSERT_TRUE(canceled.gateway.wait_until([](const auto& gateway) { return gateway.outputs.contains(101); }));
    canceled.gateway.ask_to_stop();
    agent.join();
    EXPECT_THAT(canceled.output(0), HasSubstr("in good order"));

    World lost;
    lost.assignment.heartbeat_ms = 10;
    lost.assignment.lease_ms = 1000;
    lost.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what == "heartbeat" && lost.gateway.outputs.contains(101) ? Mishap::hang_up : Mishap::none;
    };
    lost.run(polite).start();
    EXPECT_EQ("infrastructure_failed", lost.how());
    EXPECT_THAT(lost.output(0), Not(HasSubstr("in good order")));
}

TEST(Heartbeat, leaves_time_to_kill_the_job_before_the_lease_ends) {
    using std::chrono::milliseconds;
    EXPECT_EQ(milliseconds(14'000), time_without_renewal(milliseconds(15'000)));
    EXPECT_EQ(milliseconds(75), time_without_renewal(milliseconds(100)));
}

TEST(Heartbeat, waits_longer_for_an_answer_than_until_the_next_is_due) {
    World world;
    world.assignment.heartbeat_ms = 10;
    world.assignment.lease_ms = 900;
    // A network that is slow for longer than the lease.
    world.gateway.mishap = [](const std::string&, const std::string& what) {
        if (what == "heartbeat") ::poll(nullptr, 0, 150);
        return Mishap::none;
    };
    world.run("while [ ! -e go ]; do sleep 0.01; done");
    auto agent = world.start_aside();
    EXPECT_TRUE(world.gateway.wait_until([](const auto& gateway) { return gateway.heartbeats >= 8; }));
    std::ofstream(world.project() + "/go") << "";
    agent.join();
    EXPECT_EQ("succeeded", world.how());
}

// A job between two steps, without an attempt around it.
struct BareJob {
    wire::Assignment assignment;
    FakeGateway server;
    testing::LocalSupervisor supervisor;
    JobControl control;
    GatewayClient gateway{server.endpoint(), assignment.attempt.id(), "the-token", control, TryUntil::stopping};
    BackgroundOutputs background;
    Job job{.assignment = assignment,
            .supervisor = *supervisor,
            .gateway = gateway,
            .control = control,
            .background = background,
            .scratch = "/tmp",
            .mirrors = {},
            .injob_path = GYRE_INJOB,
            .helper = GYRE_INJOB,
            .environment = {},
            .working_directory = "/",
            .masked = {}};
};

TEST(Delivery, a_stop_ends_transfers_that_never_wait) {
    BareJob bare;
    const Fd endless(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    const Fd greedy(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    std::array<char, 16> piece{};
    EXPECT_TRUE(read_from(bare.job, endless.get(), piece.data(), piece.size()).ok());
    EXPECT_TRUE(write_to(bare.job, greedy.get(), "x").ok());
    auto writer = BlobWriter::create("/tmp", 100);
    ASSERT_TRUE(writer.ok() && writer->write("x").ok());
    const BlobFile blob = writer->finish();

    bare.control.stop(StopReason::canceled, "a test said so");
    EXPECT_FALSE(read_from(bare.job, endless.get(), piece.data(), piece.size()).ok());
    EXPECT_FALSE(write_to(bare.job, greedy.get(), "x").ok());
    EXPECT_EQ("the job is stopping: a test said so", upload(bare.job, blob).error().message);
    EXPECT_FALSE(download(bare.job, blob.sha256).ok());
    EXPECT_EQ(0, bare.server.calls);
    int calls = 0;
    EXPECT_TRUE(keep_trying(bare.gateway, TryUntil::fenced, [&]() -> Result<void> {
                    ++calls;
                    return {};
                }).ok());
    EXPECT_EQ(1, calls) << "what must be delivered even then";
}

TEST(Delivery, a_stop_cuts_off_a_call_on_its_way) {
    BareJob bare;
    std::promise<void> enough;
    bare.server.mishap = [&, wait = enough.get_future().share()](const std::string&, const std::string&) {
        wait.wait();
        return Mishap::none;
    };
    bare.control.stop(StopReason::lease_lost, "a test said so");
    EXPECT_FALSE(bare.gateway.has_blob("x").ok());
    enough.set_value();
}

TEST(Delivery, bounds_output_and_keeps_its_end) {
    World world;
    world.assignment.limits.step_output_bytes = 1 << 20;
    world.run("head -c 30000000 /dev/zero | tr '\\0' x; echo; printf '\\377\\376 the end'").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_LT(world.output(0).size(), (1u << 20) + 200);
    EXPECT_THAT(world.output(0), HasSubstr("bytes of output were left out here"));
    EXPECT_THAT(world.output(0), EndsWith("\n\xff\xfe the end"));
    EXPECT_TRUE(world.record(0).truncated);
}

TEST(Delivery, shows_a_prompt_without_a_newline_while_the_step_waits) {
    World world;
    world.assignment.secrets = {{"S", "Continue? yes-please"}};
    auto agent = world.run("printf 'Con'; while [ ! -e go ]; do sleep 0.01; done").start_aside();
    EXPECT_TRUE(world.gateway.wait_until([](const auto& gateway) {
        const auto found = gateway.outputs.find(101);
        return found != gateway.outputs.end() && found->second == "Con";
    }));
    std::ofstream(world.project() + "/go") << "";
    agent.join();
}

TEST(Delivery, gives_up_on_output_that_the_server_refuses_but_not_on_the_job) {
    World world;
    world.gateway.fence();
    world.run("echo x").start();  // fenced from the start: nothing hangs
    EXPECT_EQ("nothing was told", world.how());
}

class Reports : public ::testing::Test {
protected:
    StepRecord step(int index, StepStatus status) { return {.index = index, .name = "step", .status = status}; }
    FakeGateway gateway;
    JobControl control;
    Reporter reporter{GatewayClient(gateway.endpoint(), {"a"}, "token", control), std::chrono::hours{1}};
};

TEST_F(Reports, of_quick_steps_gather_and_the_last_word_of_each_counts) {
    reporter.report(step(101, StepStatus::running));
    reporter.report(step(101, StepStatus::success));
    reporter.report(step(102, StepStatus::running));
    const auto rest = reporter.take_rest();
    ASSERT_EQ(2u, rest.size());
    EXPECT_EQ(StepStatus::success, rest[0].status);
    EXPECT_EQ(0, gateway.calls);
}

TEST_F(Reports, that_are_too_many_for_the_end_are_sent_before_it_without_waiting) {
    for (int index = 1; index <= 150; ++index) reporter.report(step(index, StepStatus::success));
    EXPECT_TRUE(reporter.take_rest().empty());
    EXPECT_EQ(150u, gateway.steps.size());
    EXPECT_EQ(1, gateway.calls);
}

TEST(Claim, gets_work_or_learns_to_go) {
    FakeGateway gateway;
    const ClaimSettings settings{.server = gateway.endpoint(), .launch_key = "key", .client = "here"};
    EXPECT_EQ(std::nullopt, claim(settings));
    gateway.work.emplace();
    gateway.work->token = "t";
    ASSERT_TRUE(claim(settings).has_value());
    int calls = 0;
    gateway.mishap = [&](const std::string&, const std::string&) {
        return ++calls < 4 ? (calls == 1 ? Mishap::lose_answer : Mishap::busy) : Mishap::none;
    };
    EXPECT_EQ("t", claim(settings)->token);
    gateway.go_away();
    EXPECT_EQ(std::nullopt, claim(settings));
}

}  // namespace
}  // namespace gyre::agent
