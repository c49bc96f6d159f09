#include "agent/supervisor.h"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent/probe_in_test.h"
#include "gtest/gtest.h"

namespace gyre::agent {
namespace {

using testing::bash;
using testing::content;
using testing::LocalSupervisor;
using testing::memory_file;
using testing::run;
using testing::soon;

TEST(Supervisor, tells_about_the_inside) {
    LocalSupervisor supervisor;
    EXPECT_EQ(supervisor->inside().home.front(), '/');
    EXPECT_FALSE(supervisor->inside().user.empty());
    EXPECT_TRUE(supervisor->inside().has_bash);
}

TEST(Supervisor, runs_a_script_and_reports_output_and_exit_code) {
    LocalSupervisor supervisor;
    const auto ran = run(*supervisor, "echo out; echo err >&2; exit 7");
    EXPECT_EQ(ran.code(), 7);
    EXPECT_EQ(ran.output, "out\nerr\n");
}

TEST(Supervisor, reports_the_signal_that_killed_a_process) {
    LocalSupervisor supervisor;
    const auto ran = run(*supervisor, "kill -TERM $$");
    ASSERT_TRUE(ran.end && std::holds_alternative<KilledBy>(*ran.end));
    EXPECT_EQ(std::get<KilledBy>(*ran.end).signal, SIGTERM);
}

TEST(Supervisor, says_why_a_process_could_not_start) {
    LocalSupervisor supervisor;
    wire::SpawnRequest request;
    request.argv = {"no-such-program-here"};
    EXPECT_EQ(run(*supervisor, request).refusal(), "no-such-program-here: no such file or directory");
    request.argv = {"/etc/passwd"};
    EXPECT_EQ(run(*supervisor, request).refusal(), "/etc/passwd: not an executable file");
    request.argv = {};
    EXPECT_EQ(run(*supervisor, request).refusal(), "there is no command to run");
    request.argv = {"true"};
    request.working_directory = "/proc/no/such";
    EXPECT_NE(run(*supervisor, request).refusal().find("working directory /proc/no/such"), std::string::npos);
    request.working_directory = "/";
    request.environment = {{"HUGE", std::string(3 << 20, 'x')}};
    EXPECT_NE(run(*supervisor, request).refusal().find("too large"), std::string::npos);
    EXPECT_EQ(run(*supervisor, "true").code(), 0);
}

TEST(Supervisor, runs_a_script_of_a_megabyte) {
    LocalSupervisor supervisor;
    std::string script;
    while (script.size() < (1 << 20)) script += ": padding padding padding padding padding\n";
    EXPECT_EQ(run(*supervisor, script + "echo end").output, "end\n");
}

TEST(Supervisor, runs_a_script_by_its_own_first_line) {
    LocalSupervisor supervisor;
    wire::SpawnRequest request;
    request.script = "#!/bin/sh\necho by $0 | cut -c1-3\n";
    EXPECT_EQ(run(*supervisor, request).output, "by \n");
}

TEST(Supervisor, removes_scripts_of_ended_steps) {
    LocalSupervisor supervisor;
    const auto ran = run(*supervisor, "echo -n $0");
    EXPECT_NE(ran.output.find("/step-"), std::string::npos);
    run(*supervisor, "true");  // the first script is removed after its report
    EXPECT_NE(access(ran.output.c_str(), F_OK), 0);
    supervisor.stop();
    EXPECT_NE(access(ran.output.substr(0, ran.output.rfind('/')).c_str(), F_OK), 0);
}

TEST(Supervisor, works_on_when_a_step_removes_the_script_directory) {
    LocalSupervisor supervisor;
    run(*supervisor, "rm -rf \"$(dirname \"$0\")\"");
    EXPECT_EQ(run(*supervisor, "echo still").output, "still\n");
}

TEST(Supervisor, resolves_and_makes_working_directories) {
    LocalSupervisor supervisor;
    const std::string home = supervisor->inside().home;
    auto request = bash("pwd; echo $PWD");
    request.working_directory = "~";
    EXPECT_EQ(run(*supervisor, request).output, home + "\n" + home + "\n");
    char place[] = "/tmp/gyre-supervisor-XXXXXX";
    const std::string base = mkdtemp(place);
    request.working_directory = base + "/a/./b//c";
    EXPECT_EQ(run(*supervisor, request).output, base + "/a/b/c\n" + base + "/a/b/c\n");
    request.make_directory = false;
    request.working_directory = base + "/missing";
    EXPECT_NE(run(*supervisor, request).refusal(), "");
    run(*supervisor, "rm -r " + base);
}

TEST(Supervisor, gives_steps_the_environment_that_was_asked_for) {
    LocalSupervisor supervisor;
    auto request = bash("echo $A-$B; env | wc -l; echo $PATH");
    request.extend = false;
    request.environment = {{"A", "1"}, {"B", "x"}, {"A", "2"}, {"PATH", "/usr/bin:/bin"}};
    const auto output = run(*supervisor, request).output;
    EXPECT_EQ(output.substr(0, 4), "2-x\n");
    EXPECT_NE(output.find("/run/gyre:/usr/bin:/bin\n"), std::string::npos) << output;
}

TEST(Supervisor, gives_steps_nothing_but_three_descriptors_and_default_signals) {
    LocalSupervisor supervisor;
    EXPECT_EQ(run(*supervisor, "exec ls /proc/self/fd").output, "0\n1\n2\n3\n");  // 3 is ls reading the directory
    const auto signals = run(*supervisor, "exec grep -E 'SigBlk|SigIgn' /proc/self/status").output;
    EXPECT_EQ(signals, "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n");
    EXPECT_EQ(run(*supervisor, "[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo own session").output, "own session\n");
}

TEST(Supervisor, tells_that_a_step_asked_to_halt) {
    LocalSupervisor supervisor;
    const auto before = run(*supervisor, "true");
    EXPECT_FALSE(std::get<ExitedWith>(*before.end).halted);
    const auto halting = run(*supervisor, "touch $GYRE_HALT_FILE");
    EXPECT_TRUE(std::get<ExitedWith>(*halting.end).halted);
}

TEST(Supervisor, signals_the_whole_session_of_a_step) {
    LocalSupervisor supervisor;
    const Fd out = memory_file();
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const auto id = supervisor->spawn(bash("set -m; sleep 1000 & echo $!; echo $$; read forever"),
                                      {Fd(ends[0]), Fd(dup(out.get())), {}});
    ASSERT_TRUE(id.ok());
    const Fd holding(ends[1]);
    while (std::count(content(out).begin(), content(out).end(), '\n') < 2) poll(nullptr, 0, 1);
    EXPECT_FALSE(supervisor->wait(*id, std::chrono::steady_clock::now()));
    supervisor->signal(*id, SIGKILL);
    const auto end = supervisor->wait(*id, soon());
    ASSERT_TRUE(end && std::holds_alternative<KilledBy>(*end));
    EXPECT_TRUE(testing::is_gone(std::stoi(content(out))));  // although it had a process group of its own
}

TEST(Supervisor, makes_the_end_visible_to_poll) {
    LocalSupervisor supervisor;
    const auto id = supervisor->spawn(bash("exit 3"), {});
    ASSERT_TRUE(id.ok());
    pollfd wait{supervisor->end_event(*id), POLLIN, 0};
    EXPECT_EQ(poll(&wait, 1, 20'000), 1);
    const auto end = supervisor->wait(*id, std::chrono::steady_clock::now());
    EXPECT_EQ(std::get<ExitedWith>(*end).code, 3);
}

TEST(Supervisor, forgets_processes_whose_end_was_told) {
    LocalSupervisor supervisor;
    const auto open_descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    const auto before = open_descriptors();
    wire::SpawnRequest request;
    request.argv = {"true"};
    for (int i = 0; i < 3000; ++i) {
        const auto id = supervisor->spawn(request, {});
        ASSERT_TRUE(id.ok());
        ASSERT_GE(supervisor->end_event(*id), 0);
        const auto end = supervisor->wait(*id, soon());
        ASSERT_TRUE(end && std::holds_alternative<ExitedWith>(*end));
        EXPECT_TRUE(std::holds_alternative<NeverStarted>(*supervisor->wait(*id, soon())));
    }
    EXPECT_EQ(before, open_descriptors());
}

TEST(Supervisor, reaps_orphans) {
    LocalSupervisor supervisor;
    const auto orphan = std::stoi(run(*supervisor, "setsid bash -c 'sleep 0.01; exit 5' > /dev/null & echo $!").output);
    EXPECT_TRUE(testing::is_gone(orphan));
    run(*supervisor, "true");
    run(*supervisor, "true");
    EXPECT_NE(access(("/proc/" + std::to_string(orphan)).c_str(), F_OK), 0) << "a zombie is left";
}

TEST(Supervisor, kills_everything_when_the_connection_closes) {
    LocalSupervisor supervisor;
    const auto ran = run(*supervisor,
                         "setsid sleep 1000 >/dev/null 2>&1 & echo $!; (trap '' TERM HUP INT; exec sleep 1000) "
                         ">/dev/null 2>&1 & echo $!");
    std::istringstream text(ran.output);
    const std::vector<int> pids{std::istream_iterator<int>(text), {}};
    ASSERT_EQ(pids.size(), 2U);
    for (const int pid : pids) EXPECT_EQ(kill(pid, 0), 0);
    EXPECT_EQ(supervisor.stop(), 0);
    for (const int pid : pids) EXPECT_TRUE(testing::is_gone(pid));
}

TEST(Supervisor, kill_all_spares_the_supervisor) {
    LocalSupervisor supervisor;
    const auto id = supervisor->spawn(bash("sleep 1000"), {});
    supervisor->kill_all();
    const auto end = supervisor->wait(*id, soon());
    ASSERT_TRUE(end && std::holds_alternative<KilledBy>(*end));
    EXPECT_EQ(run(*supervisor, "echo alive").output, "alive\n");
}

TEST(Supervisor, tells_all_waiters_when_the_box_is_gone) {
    LocalSupervisor supervisor;
    const auto id = supervisor->spawn(bash("sleep 1000"), {});
    kill(supervisor.pid(), SIGKILL);
    const auto end = supervisor->wait(*id, soon());
    EXPECT_TRUE(end && std::holds_alternative<BoxGone>(*end));
    EXPECT_FALSE(supervisor->spawn(bash("true"), {}).ok());
    run(*supervisor, "true");
}

TEST(Supervisor, runs_many_processes_at_once) {
    LocalSupervisor supervisor;
    std::vector<std::int64_t> ids(60);
    for (int i = 0; i < 60; ++i)
        ids[static_cast<std::size_t>(i)] = *supervisor->spawn(bash("exit " + std::to_string(i)), {});
    for (int i = 0; i < 60; ++i)
        EXPECT_EQ(std::get<ExitedWith>(*supervisor->wait(ids[static_cast<std::size_t>(i)], soon())).code, i);
}

TEST(Supervisor, survives_bad_messages) {
    LocalSupervisor supervisor;
    for (const std::string& bad :
         {std::string("s"), std::string("x"), std::string("{"), std::string("{\"id\":\"one\"}"),
          std::string("{\"id\":1,\"signal\":9000}"), std::string("{\"id\":99999,\"signal\":9}"),
          std::string("s\0\0", 3), std::string(60'000, '['), "{\"id\":" + std::string(50'000, '9') + "}"}) {
        ASSERT_GE(send(supervisor.raw(), bad.data(), bad.size(), 0), 0) << bad.substr(0, 40);
        EXPECT_EQ(run(*supervisor, "echo alive").output, "alive\n") << "after " << bad.substr(0, 40);
    }
}

TEST(Supervisor, does_not_wait_for_ever_for_a_greeting) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Fd silent(ends[1]);
    const auto connected = Supervisor::connect(Fd(ends[0]), std::chrono::milliseconds(10));
    ASSERT_FALSE(connected.ok());
    EXPECT_EQ(connected.error().fault, Fault::unavailable);
}

TEST(Supervisor, cannot_be_traced_by_its_steps) {
    LocalSupervisor supervisor;
    if (geteuid() == 0) GTEST_SKIP() << "needs an ordinary user: root may read every process";
    EXPECT_NE(run(*supervisor, "cat /proc/" + std::to_string(supervisor.pid()) + "/environ").code(), 0);
}

}  // namespace
}  // namespace gyre::agent
