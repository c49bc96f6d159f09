// kill -9 of what a job lives in, or of its step, and memory that runs out in a step: the step ends at once and says by
// what, the job beside it does not notice, and nothing stays.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "drill.h"
#include "support/engines.h"
#include "support/eventually.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string namespace_of(pid_t process) {
    std::error_code failed;
    return fs::read_symlink("/proc/" + std::to_string(process) + "/ns/pid", failed);
}

// The first process of its pid namespace.
bool is_init(pid_t process) {
    const std::string text = read_file("/proc/" + std::to_string(process) + "/status");
    const auto line = text.find("\nNSpid:");
    if (line == std::string::npos) return false;
    const std::string ids = text.substr(line, text.find('\n', line + 1) - line);
    return ids.ends_with("\t1");
}

class ContainerKill : public Story {
protected:
    // Two jobs alike, side by side: each stands at the gate in a step, and says so.
    void start_two_jobs(const std::string& step_of_the_victim) {
        start({.flags = {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768", "--warm-agents", "0"}});
        config(R"(version: 2.1
jobs:
  victim:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: {name: Work, command: ')" +
               step_of_the_victim + R"('}
      - run: {name: After, command: echo after}
  neighbour:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [{run: {name: Work, command: ')" +
               gate_.command("neighbour") + R"(; echo unharmed'}}]
workflows: {all: {jobs: [victim, neighbour]}}
)");
        push("drill");
    }
    void wait_for_both() {
        std::set<std::string> seen{gate_.wait()};
        seen.insert(gate_.wait());
        ASSERT_EQ(seen, (std::set<std::string>{"victim", "neighbour"}));
    }

    // A process of the job's steps.
    static pid_t process_of(const std::string& job, const std::string& command = "") {
        for (const auto& process : descendants()) {
            const std::string environment = '\0' + read_file("/proc/" + std::to_string(process.id) + "/environ");
            if (environment.find('\0' + ("CIRCLE_JOB=" + job) + '\0') == std::string::npos) continue;
            if (is_init(process.id) || process.program == "gyre-injob") continue;
            if (process.command_line.find(command) != std::string::npos) return process.id;
        }
        throw std::runtime_error("no process of job " + job + " is to be seen");
    }
    static pid_t init_of(pid_t process) {
        for (const auto& other : descendants()) {
            if (namespace_of(other.id) == namespace_of(process) && is_init(other.id)) return other.id;
        }
        throw std::runtime_error("process " + std::to_string(process) + " has no init");
    }

    static json::value step_of(const json::value& attempt, const std::string& name) {
        const json::value steps = at(attempt, "steps");
        for (const auto& step : steps.as_array()) {
            if (text_at(step, "name") == name) return step;
        }
        return nullptr;
    }
    static std::chrono::milliseconds between(Timestamp from, const json::value& step) {
        const auto stopped = from_iso(text_at(step, "stopped_at"));
        return stopped ? *stopped - from : std::chrono::milliseconds::max();
    }
    void expect_neighbour_unharmed() {
        gate_.open();
        newest().wait();
        expect_job("neighbour").succeeded().printed("unharmed");
        EXPECT_THAT(newest().attempts("neighbour"), testing::SizeIs(1));
    }

    Gate& gate() { return gate_; }

private:
    Gate gate_;
};

TEST_F(ContainerKill, of_the_first_process_ends_the_step_as_our_failure_and_the_task_is_tried_again) {
    start_two_jobs(gate().command("victim"));
    wait_for_both();
    const auto killed_at = SystemClock().now();
    ::kill(init_of(process_of("victim")), SIGKILL);
    ASSERT_EQ(gate().wait(), "victim") << "another attempt comes to the gate";
    expect_neighbour_unharmed();
    expect_job("victim").succeeded().printed("after");
    const auto attempts = newest().attempts("victim");
    ASSERT_EQ(attempts.size(), 2U);
    const json::value step = step_of(attempts[0], "Work");
    EXPECT_EQ(text_at(step, "status"), "infrastructure_fail");
    EXPECT_LE(between(killed_at, step), 1s);
    EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "infrastructure_failed");
    EXPECT_THAT(text_at(attempts[0], "outcome.reason"), testing::HasSubstr("signal 9"));
    expect_nothing_left();
}

TEST_F(ContainerKill, of_a_steps_process_fails_the_step_and_says_by_which_signal) {
    start_two_jobs(gate().command("victim"));
    wait_for_both();
    const auto killed_at = SystemClock().now();
    ::kill(process_of("victim"), SIGKILL);
    newest().wait_for("victim", "failed");
    expect_neighbour_unharmed();
    const auto attempts = newest().attempts("victim");
    ASSERT_EQ(attempts.size(), 1U) << "it is the job's own failure";
    const json::value step = step_of(attempts[0], "Work");
    EXPECT_EQ(text_at(step, "status"), "failed");
    EXPECT_EQ(number_at(step, "exit_code"), 137);
    EXPECT_LE(between(killed_at, step), 1s);
    EXPECT_THAT(text_at(attempts[0], "outcome.reason"), testing::HasSubstr("killed by signal 9"));
    EXPECT_EQ(text_at(step_of(attempts[0], "After"), "status"), "skipped");
    expect_nothing_left();
}

TEST_F(ContainerKill, for_want_of_memory_fails_the_step_and_names_the_limit) {
    start_two_jobs(gate().command("victim") + "; dd if=/dev/zero of=/dev/null bs=2500M count=1 iflag=fullblock");
    wait_for_both();
    if (newest().outputs("victim").find("Not limited here") != std::string::npos) {
        expect_neighbour_unharmed();
        GTEST_SKIP() << "needs a control group for memory: the agent has none here";
    }
    gate().open();
    newest().wait_for("victim", "failed");
    expect_neighbour_unharmed();
    const auto attempts = newest().attempts("victim");
    ASSERT_EQ(attempts.size(), 1U) << "it is the job's own failure";
    EXPECT_EQ(text_at(step_of(attempts[0], "Work"), "status"), "failed");
    EXPECT_THAT(text_at(attempts[0], "outcome.reason"), testing::HasSubstr("out of memory: the limit of 2048 MB"));
    expect_nothing_left();
}

// The same with containers of a real engine, where nothing of the test can be reached from inside.
class EngineKill : public ContainerKill, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        auto engine = start_private_engine(GetParam());
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto imported = import_busybox(*engine_->running, engine_->files.make("image"), "localhost/busybox", "1");
        ASSERT_TRUE(imported) << imported.error().message;
        start({.flags = {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768", "--warm-agents", "0"},
               .sandbox = "off",
               .docker_socket = engine_->running->socket()});
    }
    static void wait_until_it_sleeps(const std::string& job, const std::string& seconds) {
        eventually("job " + job + " sleeps", [&] {
            const auto all = descendants();
            return std::any_of(all.begin(), all.end(), [&](const auto& process) {
                return process.command_line.find("sleep " + seconds) != std::string::npos;
            });
        });
    }

private:
    std::unique_ptr<PrivateEngine> engine_;
};

TEST_P(EngineKill, of_the_first_process_ends_the_step_as_our_failure_and_the_task_is_tried_again) {
    if (IsSkipped()) return;
    config(R"(version: 2.1
jobs:
  victim:
    docker: [{image: localhost/busybox:1}]
    resource_class: small
    steps: [{run: {name: Work, shell: /bin/sh, command: sleep 7654 || true}}]
  neighbour:
    docker: [{image: localhost/busybox:1}]
    resource_class: small
    steps: [{run: {name: Work, shell: /bin/sh, command: sleep 4567 || echo unharmed}}]
workflows: {all: {jobs: [victim, neighbour]}}
)");
    push("drill");
    wait_until_it_sleeps("victim", "7654");
    wait_until_it_sleeps("neighbour", "4567");
    const pid_t first = process_of("victim", "sleep 7654");
    ::kill(init_of(first), SIGKILL);
    eventually("the victim is tried again", [&] { return newest().attempts("victim").size() == 2; });
    wait_until_it_sleeps("victim", "7654");
    eventually("the first is gone", [&] { return process_of("victim", "sleep 7654") != first; });
    ::kill(process_of("victim", "sleep 7654"), SIGTERM);
    ::kill(process_of("neighbour", "sleep 4567"), SIGTERM);
    EXPECT_EQ(newest().wait().status(), "success");
    expect_job("neighbour").succeeded().printed("unharmed");
    EXPECT_THAT(newest().attempts("neighbour"), testing::SizeIs(1));
    const auto attempts = newest().attempts("victim");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(text_at(step_of(attempts[0], "Work"), "status"), "infrastructure_fail");
    EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "infrastructure_failed");
    EXPECT_THAT(text_at(attempts[0], "outcome.reason"), testing::HasSubstr("signal 9"));
}

INSTANTIATE_TEST_SUITE_P(Containers, EngineKill, testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

}  // namespace
}  // namespace gyre::test
