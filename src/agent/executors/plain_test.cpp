// Jobs without isolation: what they find, and that nothing of them stays.

#include "agent/executors/plain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/executors/sandbox_tree.h"
#include "agent/probe_in_test.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Processes are found by the attempt's name: another test's at the same time has another one.
const std::string attempt = "plain-test-" + std::to_string(::getpid()) + "-0-a1";
const auto nobody_lives = [](std::string_view) { return false; };

struct Place {
    wire::Assignment assignment;
    ExecutorSettings settings;
    std::string base;
    std::string said;

    Place() {
        char pattern[] = "/tmp/gyre-plain-XXXXXX";
        base = mkdtemp(pattern);
        fs::create_directories(base + "/box");
        settings.work_directory = base + "/jobs";
        assignment.resources = {2000, 512};
        DockerExecutor docker;
        docker.containers.push_back({.image = "cimg/base:2024.01"});
        assignment.job.executor = docker;
    }
    ~Place() { EXPECT_TRUE(remove_tree(base).ok()); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Result<std::unique_ptr<Box>> prepare() {
        BoxRequest request;
        request.assignment = &assignment;
        request.name = attempt;
        request.directory = base + "/box";
        request.injob_path = GYRE_INJOB;
        request.say = [this](std::string_view line) { said += std::string(line) + "\n"; };
        return make_plain(settings)->prepare(request);
    }
    void expect_nothing_left() const {
        EXPECT_TRUE(fs::is_empty(base + "/box"));
        EXPECT_TRUE(fs::is_empty(base + "/jobs/plain"));
    }
};

class Plain : public ::testing::Test {
protected:
    void SetUp() override {
        auto box = place_.prepare();
        ASSERT_TRUE(box) << box.error().message;
        box_ = std::move(*box);
    }
    void TearDown() override {
        if (!box_) return;
        EXPECT_TRUE(box_->destroy().ok());
        place_.expect_nothing_left();
    }
    std::string output(const std::string& script) { return testing::run(box_->supervisor(), script).output; }
    // Of processes that the script prints.
    std::vector<pid_t> processes(const std::string& script) {
        std::istringstream printed(output(script));
        std::vector<pid_t> all;
        for (pid_t pid = 0; printed >> pid;) all.push_back(pid);
        return all;
    }

    Place place_;
    std::unique_ptr<Box> box_;
};

constexpr const char* three_that_stay = R"(
sleep 1000 > /dev/null 2>&1 & echo $!
setsid sleep 1000 > /dev/null 2>&1 & echo $!
(trap '' TERM HUP; (sleep 1000 > /dev/null 2>&1 & echo $!) &) | cat
)";

TEST_F(Plain, says_first_that_nothing_is_isolated_and_whose_processes_these_are) {
    EXPECT_THAT(place_.said, StartsWith("NOTICE: NO ISOLATION."));
    EXPECT_THAT(place_.said, HasSubstr("--sandbox=none"));
    EXPECT_THAT(place_.said, HasSubstr("The image cimg/base:2024.01 is not used."));
}

TEST_F(Plain, has_its_home_temporary_files_and_scripts_in_a_directory_of_its_own) {
    const std::string directory = place_.base + "/box/plain";
    EXPECT_EQ(box_->supervisor().inside().home, directory + "/home");
    EXPECT_EQ(box_->temporary(), directory + "/tmp");
    EXPECT_EQ(output("cd; pwd"), directory + "/home\n");
    EXPECT_THAT(output("mktemp -u"), StartsWith(directory + "/tmp/"));
    EXPECT_THAT(output("echo $0"), StartsWith(directory + "/.gyre-steps-"));
}

TEST_F(Plain, has_our_tools_in_its_path) {
    EXPECT_EQ(output("circleci tests split --index=0 --total=2 <<< 'b a c'"), "a\nc\n");
    EXPECT_EQ(output("WHO=me circleci-agent env subst '$WHO'"), "me\n");
    EXPECT_TRUE(fs::exists(box_->helper()));
    const auto halted = testing::run(box_->supervisor(), "circleci-agent step halt");
    EXPECT_TRUE(std::get<ExitedWith>(*halted.end).halted);
}

TEST_F(Plain, cannot_gain_privileges_and_shows_the_agents_environment_to_no_step) {
    EXPECT_EQ(output("grep NoNewPrivs /proc/self/status"), "NoNewPrivs:\t1\n");
    ::setenv("GYRE_PLAIN_TEST_SECRET", "do not tell", 1);
    EXPECT_EQ(output("echo $GYRE_PLAIN_TEST_SECRET"), "\n");
    ::unsetenv("GYRE_PLAIN_TEST_SECRET");
    EXPECT_EQ(output("echo $GYRE_ATTEMPT"), attempt + "\n");
}

TEST_F(Plain, leaves_no_process_however_it_was_started) {
    const auto left = processes(three_that_stay);
    ASSERT_EQ(left.size(), 3U);
    EXPECT_TRUE(box_->stop().ok());
    for (const pid_t pid : left) EXPECT_NE(kill(pid, 0), 0) << "the end of the job is told now";
}

TEST_F(Plain, leaves_no_process_though_its_supervisor_was_killed) {
    const auto left = processes(three_that_stay);
    ASSERT_EQ(left.size(), 3U);
    const pid_t supervisor = processes("echo $PPID").at(0);
    kill(supervisor, SIGKILL);
    ASSERT_TRUE(testing::is_gone(supervisor));
    EXPECT_THAT(box_->trouble(), HasSubstr("ended unexpectedly"));
    EXPECT_TRUE(box_->stop().ok());
    for (const pid_t pid : left) EXPECT_TRUE(testing::is_gone(pid));
}

TEST_F(Plain, keeps_its_mark_whatever_a_step_asks_for) {
    auto request = testing::bash("echo $GYRE_ATTEMPT");
    request.environment = {{"GYRE_ATTEMPT", "another"}};
    EXPECT_EQ(testing::run(box_->supervisor(), request).output, attempt + "\n");
}

// What an agent left that was killed; the supervisor as well, or not.
class KilledAgent : public ::testing::TestWithParam<const char*> {};

TEST_P(KilledAgent, leaves_nothing_after_the_next_sweep) {
    Place place;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t agent = fork();
    if (agent == 0) {
        auto box = place.prepare();
        if (!box) _exit(1);
        const std::string script = std::string(three_that_stay) + "echo end; " + GetParam();
        const std::string printed = testing::run((*box)->supervisor(), script).output;
        if (write(writing.get(), printed.data(), printed.size()) < 0) _exit(1);
        pause();
        _exit(0);
    }
    writing.reset();
    std::array<char, 200> printed{};
    ASSERT_GT(read(reading.get(), printed.data(), printed.size() - 1), 0);
    kill(agent, SIGKILL);
    waitpid(agent, nullptr, 0);
    std::istringstream numbers(printed.data());
    std::vector<pid_t> left;
    for (pid_t pid = 0; numbers >> pid;) left.push_back(pid);
    ASSERT_EQ(left.size(), 3U) << printed.data();
    EXPECT_TRUE(fs::exists(place.base + "/box/plain"));
    EXPECT_TRUE(make_plain(place.settings)->sweep([](std::string_view name) { return name == attempt; }).ok());
    EXPECT_TRUE(fs::exists(place.base + "/box/plain")) << "it was said to live";
    EXPECT_TRUE(make_plain(place.settings)->sweep(nobody_lives).ok());
    for (const pid_t pid : left) EXPECT_TRUE(testing::is_gone(pid));
    place.expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(AloneOrWithItsSupervisor, KilledAgent, ::testing::Values("true", "kill -9 $PPID"));

TEST(PlainBox, that_cannot_be_made_leaves_nothing) {
    Place place;
    fs::create_directories(place.base + "/jobs");
    std::ofstream(place.base + "/jobs/plain") << "in the way";
    EXPECT_FALSE(place.prepare());
    EXPECT_TRUE(fs::is_empty(place.base + "/box"));
}

TEST(PlainExecutor, is_refused_to_root) {
    const auto may = may_run_plain();
    EXPECT_EQ(may.ok(), geteuid() != 0);
    if (may) return;
    EXPECT_EQ(may.error().fault, Fault::unavailable);
    EXPECT_THAT(may.error().message, HasSubstr("ordinary user"));
}

}  // namespace
}  // namespace gyre::agent
