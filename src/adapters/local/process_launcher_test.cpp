#include "adapters/local/process_launcher.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "adapters/local/capacity.h"

namespace gyre::adapters {
namespace {

class ProcessLauncherTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-launcher-test.XXXXXX";
        root_ = mkdtemp(pattern);
        mkfifo((root_ + "/said").c_str(), 0600);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    // An "agent" that tells its process id and the key it was given, then waits to be killed.
    NurseryCommand command() const {
        return {
            {GYRE_NURSERY_EXAMPLE, "echo $$ $SECRET >" + root_ + "/said; exec sleep 1000"}, "the-key", root_ + "/log"};
    }
    std::pair<pid_t, std::string> hear() {
        std::ifstream said(root_ + "/said");
        pid_t pid = 0;
        std::string key;
        said >> pid >> key;
        return {pid, key};
    }

    std::string root_;
};

TEST_F(ProcessLauncherTest, gives_the_key_and_reports_the_death_of_an_agent_at_work) {
    std::promise<std::string> dead;
    ProcessLauncher launcher(command());
    launcher.on_death([&](const std::string& attempt) { dead.set_value(attempt); });
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [pid, key] = hear();
    EXPECT_EQ(key, "the-key");
    launcher.took(pid, "attempt-1");
    launcher.kill("attempt-1");
    EXPECT_EQ(dead.get_future().get(), "attempt-1");
}

TEST_F(ProcessLauncherTest, waits_for_the_agents_that_clean_up) {
    NurseryCommand slow = command();
    slow.argv[1] =
        "trap 'kill $!; echo cleaned > " + root_ + "/cleaned; exit' TERM; echo > " + root_ + "/said; sleep 1000 & wait";
    ProcessLauncher launcher(slow);
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    std::ifstream said(root_ + "/said");
    std::string line;
    std::getline(said, line);
    launcher.dismiss_waiting();
    launcher.await_ends(std::chrono::minutes{1});
    EXPECT_TRUE(std::ifstream(root_ + "/cleaned").good());
}

TEST_F(ProcessLauncherTest, lets_no_process_take_anything_that_is_gone) {
    ProcessLauncher launcher(command());
    const pid_t gone = fork();
    if (gone == 0) _exit(0);
    siginfo_t end{};
    ASSERT_EQ(waitid(P_PID, gone, &end, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(launcher.took(gone, "attempt-1")) << "dead, not reaped yet";
    ASSERT_EQ(waitpid(gone, nullptr, 0), gone);
    EXPECT_FALSE(launcher.took(gone, "attempt-1"));
}

TEST_F(ProcessLauncherTest, lets_no_process_take_a_second_attempt) {
    ProcessLauncher launcher(command());
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [pid, key] = hear();
    EXPECT_TRUE(launcher.took(pid, "attempt-1"));
    EXPECT_TRUE(launcher.took(pid, "attempt-1")) << "its claim came again";
    EXPECT_FALSE(launcher.took(pid, "attempt-2"));
    EXPECT_TRUE(launcher.took(pid, "")) << "it came to nothing";
    EXPECT_TRUE(launcher.took(pid, "attempt-2"));
    launcher.kill("attempt-2");
}

TEST_F(ProcessLauncherTest, watches_an_agent_of_an_earlier_server_once_it_took_an_attempt) {
    std::promise<std::string> dead;
    ProcessLauncher launcher(command());
    launcher.on_death([&](const std::string& attempt) { dead.set_value(attempt); });
    const pid_t earlier = fork();
    if (earlier == 0) {
        pause();
        _exit(0);
    }
    EXPECT_TRUE(launcher.took(earlier, "attempt-1"));
    launcher.kill("attempt-1");
    EXPECT_EQ(dead.get_future().get(), "attempt-1");
}

// As an agent that an earlier server launched.
pid_t start_earlier() {
    const pid_t earlier = fork();
    if (earlier == 0) {
        pause();
        _exit(0);
    }
    return earlier;
}

int signal_that_ended(pid_t process) {
    int status = 0;
    EXPECT_EQ(waitpid(process, &status, 0), process);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(ProcessLauncherTest, counts_agents_of_earlier_servers_that_wait) {
    ProcessLauncher launcher(command());
    const pid_t earlier = start_earlier();
    launcher.waits(earlier);
    const pid_t surplus = start_earlier();
    launcher.waits(surplus);
    ASSERT_TRUE(launcher.keep_waiting(2).ok());
    EXPECT_TRUE(launcher.took(earlier, "a")) << "it stays, and nobody else was started";
    launcher.kill("a");
    EXPECT_EQ(signal_that_ended(earlier), SIGKILL);
    ASSERT_TRUE(launcher.took(surplus, "b"));
    launcher.kill("b");
    EXPECT_EQ(signal_that_ended(surplus), SIGKILL);
}

TEST_F(ProcessLauncherTest, lets_agents_of_earlier_servers_go_when_enough_others_wait) {
    ProcessLauncher launcher(command());
    const pid_t known_before = start_earlier();
    const pid_t at_work = start_earlier();
    ASSERT_TRUE(launcher.took(at_work, "job"));
    ASSERT_TRUE(launcher.keep_waiting(1).ok());
    launcher.waits(known_before);
    EXPECT_FALSE(launcher.took(known_before, "a")) << "it was told to end";
    EXPECT_EQ(signal_that_ended(known_before), SIGTERM);
    const auto [ours, key] = hear();
    EXPECT_TRUE(launcher.took(ours, "a")) << "what this server launched stays";
    launcher.kill("a");
    launcher.kill("job");
    EXPECT_EQ(signal_that_ended(at_work), SIGKILL);
}

TEST_F(ProcessLauncherTest, lets_nobody_go_where_more_were_wanted_since) {
    ProcessLauncher launcher(command());
    const pid_t earlier = start_earlier();
    ASSERT_TRUE(launcher.keep_waiting(0).ok());
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [ours, key] = hear();
    ASSERT_TRUE(launcher.took(ours, "a"));
    launcher.waits(earlier);
    EXPECT_TRUE(launcher.took(earlier, "b"));
    launcher.kill("a");
    launcher.kill("b");
    EXPECT_EQ(signal_that_ended(earlier), SIGKILL);
}

TEST_F(ProcessLauncherTest, starts_no_more_than_asked_for) {
    ProcessLauncher launcher(command());
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [first, key] = hear();
    launcher.took(first, "a");
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [second, same_key] = hear();
    EXPECT_NE(first, second);
    launcher.kill("a");
    launcher.dismiss_waiting();
}

TEST_F(ProcessLauncherTest, starts_agents_also_when_what_it_copies_was_killed) {
    NurseryCommand telling = command();
    telling.argv[1] = "echo $$ $PPID >" + root_ + "/said; exec sleep 1000";
    ProcessLauncher launcher(telling);
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [first, nursery] = hear();
    kill(std::stoi(nursery), SIGKILL);
    ASSERT_TRUE(launcher.took(first, "a"));
    ASSERT_TRUE(launcher.ensure_waiting(1).ok());
    const auto [second, other_nursery] = hear();
    EXPECT_NE(first, second);
    EXPECT_NE(nursery, other_nursery);
    launcher.kill("a");
    launcher.dismiss_waiting();
}

TEST_F(ProcessLauncherTest, says_which_program_cannot_be_started) {
    ProcessLauncher launcher({{"/no/such/agent"}, "k", root_ + "/log"});
    EXPECT_NE(launcher.ensure_waiting(1).error().message.find("/no/such/agent"), std::string::npos);
}

TEST(Capacity, keeps_a_reserve_but_never_offers_nothing) {
    EXPECT_EQ(offered_resources({8000, 16000}, {1000, 1000}), (Resources{7000, 15000}));
    EXPECT_EQ(offered_resources({1000, 700}, {1000, 1000}), (Resources{1000, 512}));
    EXPECT_GE(machine_resources().millicpus, 1000);
}

}  // namespace
}  // namespace gyre::adapters
