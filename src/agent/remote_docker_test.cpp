// setup_remote_docker: where the job gets no engine, and why; what a job has of one; what an engine is told before it
// starts. Engines for boxes of every kind: remote_docker_engines_test.cpp.

#include "agent/remote_docker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "agent/attempt_harness.h"
#include "agent/executors/process_start.h"
#include "agent/ssh/guest_in_test.h"
#include "support/engines.h"
#include "support/eventually.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_text;
using testing::World;

struct EngineWorld : World {
    EngineWorld() {
        assignment.trusted = true;
        step(SetupRemoteDockerStep{}).run("echo reached");
    }
};

TEST(RemoteDocker, fails_the_step_and_says_what_the_administrator_may_allow_and_what_it_costs) {
    EngineWorld world;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("remote_docker = \"host-daemon\""));
    EXPECT_THAT(world.output(0), HasSubstr("root on the machine"));
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("remote_docker"));
}

TEST(RemoteDocker, is_never_for_the_commits_of_a_fork) {
    EngineWorld world;
    world.engines_allowed = true;
    world.assignment.trusted = false;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("fork"));
}

TEST(RemoteDocker, needs_an_executor_that_gives_jobs_a_network) {
    EngineWorld world;
    world.engines_allowed = true;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr(::geteuid() == 0 ? "a network of its own" : "runs as root"));
}

TEST(RemoteDocker, is_not_trusted_by_what_an_assignment_does_not_say) { EXPECT_FALSE(wire::Assignment{}.trusted); }

TEST(RemoteDocker, takes_no_process_that_has_anothers_number) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start(
        {.directory = "/nowhere", .process = ::getpid(), .process_started = process_start_time(::getpid()) - 1});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().message, "the job's environment is gone");
}

TEST(RemoteDocker, says_that_it_cannot_be_below_run) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start({.directory = "/run/gyre"});
    ASSERT_FALSE(engine);
    EXPECT_THAT(engine.error().message, HasSubstr("not below /run"));
}

TEST(RemoteDocker, does_not_take_the_machines_own_network) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start(
        {.directory = "/nowhere", .process = ::getpid(), .process_started = process_start_time(::getpid())});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().fault, Fault::invalid);
    EXPECT_THAT(engine.error().message, HasSubstr("network of its own"));
}

// --- in a place that is like a job's: other files, another network ---

void write_program(const std::string& path, const std::string& script) {
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    fs::permissions(path, fs::perms::owner_all);
}

class JobsProcess {
public:
    explicit JobsProcess(const std::string& root) {
        int ready[2];
        EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
        const Fd reader(ready[0]);
        Fd writer(ready[1]);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::setns(network_.descriptor(), CLONE_NEWNET) != 0 || ::chroot(root.c_str()) != 0) ::_exit(1);
            if (::write(writer.get(), "r", 1) != 1) ::_exit(1);
            while (true) ::pause();
        }
        writer.reset();
        char byte = 0;
        EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
    }
    ~JobsProcess() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    JobsProcess(const JobsProcess&) = delete;
    JobsProcess& operator=(const JobsProcess&) = delete;
    pid_t id() const { return process_; }

private:
    test::PrivateNetwork network_;
    pid_t process_ = 0;
};

class RemoteDockerInPlace : public ::testing::Test {
protected:
    void SetUp() override {
        if (const std::string need = test::engines_need(); !need.empty()) GTEST_SKIP() << need;
        for (const char* part : {"root/tmp", "root/etc", "bin", "engine"}) files.make(part);
        job = std::make_unique<JobsProcess>(at("root"));
    }
    std::string at(const std::string& name) const { return files.path() + "/" + name; }
    Result<std::unique_ptr<RemoteDocker>> start(const std::string& script) {
        write_program(at("bin/dockerd"), script);
        return RemoteDocker::start({.directory = at("engine"),
                                    .process = job->id(),
                                    .process_started = process_start_time(job->id()),
                                    .dockerd = at("bin/dockerd")});
    }
    // What its last words are.
    std::string said_by(const std::string& script) {
        const auto engine = start(script + "; exit 1");
        EXPECT_FALSE(engine);
        return engine ? "" : engine.error().message;
    }

    test::PrivateDirectory files;
    std::unique_ptr<JobsProcess> job;
};

// The machine's own resolver may listen at 127.0.0.53, which is nobody in the job's network.
TEST_F(RemoteDockerInPlace, asks_whom_the_job_asks_for_names) {
    std::ofstream(at("root/etc/resolv.conf")) << "nameserver 192.0.2.7\n";
    EXPECT_THAT(said_by("echo \"[$(cat /etc/resolv.conf)]\""), HasSubstr("[nameserver 192.0.2.7]"));
}

TEST_F(RemoteDockerInPlace, reads_nothing_but_a_file_of_the_job_to_know_whom_it_asks) {
    const std::string name = at("root/etc/resolv.conf");
    const std::string show = "echo \"[$(cat /etc/resolv.conf)]\"";
    EXPECT_THAT(said_by(show), HasSubstr("[]")) << "it has none";
    std::ofstream(at("secret")) << "secret";
    fs::create_symlink(at("secret"), name);
    EXPECT_THAT(said_by(show), HasSubstr("[]")) << "a link leads to the job's files";
    fs::remove(name);
    ASSERT_EQ(::mkfifo(name.c_str(), 0666), 0);
    EXPECT_THAT(said_by(show), HasSubstr("[]")) << "nobody writes there";
    fs::remove(name);
    std::ofstream(name) << std::string(1 << 20, 'x');
    EXPECT_THAT(said_by("wc -c < /etc/resolv.conf"), HasSubstr("65536"));
}

// Without setpriv's signal nothing but the socket tells the engine that its owner is dead.
TEST_F(RemoteDockerInPlace, does_not_begin_when_its_owner_died_before_it_could_be_told) {
    write_program(at("bin/setpriv"), "echo $$ > " + at("pid") + "\nmv " + at("pid") + " " + at("begun") +
                                         "\nuntil [ -e " + at("go") + " ]; do sleep 0.05; done\nexec setpriv \"$@\"");
    const pid_t owner = ::fork();
    if (owner == 0) {
        ::setenv("PATH", (at("bin") + ":" + std::getenv("PATH")).c_str(), 1);
        (void)start("echo > " + at("started") + "; exec sleep 1000");
        ::_exit(0);
    }
    test::eventually("the engine's first process", [&] { return fs::exists(at("begun")); });
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    const pid_t first = std::stoi(read_text(at("begun")));
    std::ofstream(at("go")) << "now";
    EXPECT_TRUE(ends_within(first, std::chrono::seconds(30)));
    EXPECT_FALSE(fs::exists(at("started")));
    ::kill(first, SIGKILL);
}

TEST_F(RemoteDockerInPlace, is_for_later_steps_and_guests_and_leaves_nothing) {
    if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
    ::signal(SIGPIPE, SIG_IGN);
    const JobsProcess same_files("/");
    const testing::Guest ann("ann");
    EngineWorld world;
    world.engines_allowed = true;
    world.box_made = [&](testing::HostBox& box) { box.process_ = same_files.id(); };
    world.run("docker version --format '{{.Server.Version}}'; until [ -e over ]; do sleep 0.05; done");
    world.gateway.let_in(wire::SshAccess{.guests = {ann.as_guest()},
                                         .bind = "127.0.0.1",
                                         .host = "ci.example",
                                         .first_port = 20'000,
                                         .last_port = 29'999,
                                         .idle_ms = 1,
                                         .most_ms = 1});
    auto running = world.start_aside();
    EXPECT_TRUE(world.gateway.wait_until([](const FakeGateway& told) {
        return told.outcome || (!told.ssh_events.empty() && told.steps.contains(103));
    })) << "the step after the engine's";
    const int port = world.gateway.ssh_events.empty() ? 0 : world.gateway.ssh_events.front().port;
    const auto here = ann.does(port, "echo $DOCKER_HOST; docker info --format '{{.ContainersRunning}}'");
    std::ofstream(world.project() + "/over") << "now";
    running.join();
    EXPECT_EQ("succeeded", world.how()) << world.output(0) << world.output(2);
    EXPECT_THAT(world.output(0), HasSubstr("Docker engine " + world.output(2).substr(0, world.output(2).find('\n'))));
    EXPECT_THAT(here.out, ::testing::MatchesRegex("unix:///tmp/gyre-docker-[A-Za-z0-9_-]+.sock\n0\n")) << here.err;
    EXPECT_TRUE(fs::is_empty(world.work() + "/attempts"));
    if (here.out.starts_with("unix://")) fs::remove(here.out.substr(7, here.out.find('\n') - 7));
}

}  // namespace
}  // namespace gyre::agent
