// A Docker engine for one job, in real containers of each kind: of engines, and of images without an engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "agent/executors/box_in_test.h"
#include "agent/executors/docker.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/oci.h"
#include "agent/executors/process_start.h"
#include "agent/remote_docker.h"
#include "support/engines.h"
#include "support/eventually.h"
#include "support/oci_image.h"

namespace gyre::agent {
namespace {

using namespace test;
using ::testing::HasSubstr;

class RemoteDockerInBox : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const bool is_oci = std::string(GetParam()) == "oci";
        if (const std::string need = is_oci ? oci_need() : engines_need(); !need.empty()) GTEST_SKIP() << need;
        ASSERT_NO_FATAL_FAILURE(is_oci ? set_up_images() : set_up_engine());
        assignment.resources = {1000, 256};
        ASSERT_NO_FATAL_FAILURE(prepare("attempt-1", "ci"));
    }
    void set_up_engine() {
        auto started = start_private_engine(GetParam());
        ASSERT_TRUE(started) << started.error().message;
        engine = std::move(*started);
        EngineSettings settings;
        settings.socket = engine->running->socket();
        auto found = EngineClient::connect(settings);
        ASSERT_TRUE(found) << found.error().message;
        executor = make_docker(std::move(*found));
    }
    void set_up_images() {
        network = std::make_unique<PrivateNetwork>();
        const auto entered = enter_network(*network);
        ASSERT_TRUE(entered) << entered.error().message;
        auto started = start_registry(*network, files.make("registry"));
        ASSERT_TRUE(started) << started.error().message;
        registry = std::move(*started);
        const auto tools = find_oci_tools();
        ASSERT_TRUE(tools) << tools.error().message;
        ExecutorSettings settings;
        settings.work_directory = files.make("work");
        executor = make_oci(*tools, settings);
    }
    // An image whose user is that one.
    ContainerSpec image_of(const std::string& user) {
        if (engine) {
            const auto imported = import_busybox(*engine->running, files.path(), "ci/" + user, "1", {"USER " + user});
            EXPECT_TRUE(imported) << imported.error().message;
            return {.image = "ci/" + user + ":1"};
        }
        const auto root = busybox_root(files.path());
        EXPECT_TRUE(root) << root.error().message;
        const auto published =
            publish_oci(registry, files.make("publish"),
                        {.name = "ci/" + user, .root = root.value_or(""), .settings = {"--config.user", user}});
        EXPECT_TRUE(published) << published.error().message;
        return {.image = registry.address + "/ci/" + user + ":1",
                .auth = RegistryAuth{registry.username, registry.password}};
    }
    void prepare(const std::string& name, const std::string& user) {
        gyre::DockerExecutor wish;
        wish.containers = {image_of(user)};
        assignment.job.executor = std::move(wish);
        const std::string box_name = name + "-remote-" + std::to_string(::getpid());
        auto made = executor->prepare(
            {.assignment = &assignment, .name = box_name, .directory = files.make(box_name), .injob_path = GYRE_INJOB});
        ASSERT_TRUE(made) << made.error().message;
        box = std::move(*made);
    }
    Result<std::unique_ptr<RemoteDocker>> start(const std::string& dockerd = "dockerd") {
        return RemoteDocker::start({.directory = files.make("remote"),
                                    .process = box->process(),
                                    .process_started = process_start_time(box->process()),
                                    .dockerd = dockerd});
    }
    std::string socket_of(const RemoteDocker& remote) { return seen_from_here(remote.socket()); }
    std::string seen_from_here(const std::string& path) {
        return "/proc/" + std::to_string(box->process()) + "/root" + path;
    }
    // Runs a container in the job's engine, of an image that was brought there.
    void run_container(const std::string& socket, const json::object& body) {
        RunningEngine remote(socket, nullptr);
        const auto imported = import_busybox(remote, files.path(), "ci/inner", "1");
        ASSERT_TRUE(imported) << imported.error().message;
        EngineSettings settings;
        settings.socket = socket;
        auto client = EngineClient::connect(settings);
        ASSERT_TRUE(client) << client.error().message;
        const auto id = client->create("inner", body);
        ASSERT_TRUE(id) << id.error().message;
        const auto started = client->start(*id);
        ASSERT_TRUE(started) << started.error().message;
    }

    PrivateDirectory files;
    std::unique_ptr<PrivateNetwork> network;
    RunningRegistry registry;
    std::unique_ptr<PrivateEngine> engine;
    std::unique_ptr<Executor> executor;
    wire::Assignment assignment;
    std::unique_ptr<Box> box;
};

// Has an engine as an agent has one, in a process of its own.
class Owner {
public:
    explicit Owner(const std::function<Result<std::unique_ptr<RemoteDocker>>()>& start) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        line_ = Fd(ends[0]);
        Fd theirs(ends[1]);
        process_ = ::fork();
        if (process_ == 0) be(start, theirs.get());
        theirs.reset();
        socket = hear();
    }
    ~Owner() { kill(); }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

    void end_engine() { EXPECT_EQ(::send(line_.get(), "end", 3, MSG_NOSIGNAL), 3); }
    std::string hear() {
        char text[4096];
        const auto got = ::recv(line_.get(), text, sizeof text, 0);
        return {text, got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    pid_t process() const { return process_; }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

    std::string socket;  // or why there is none

private:
    [[noreturn]] static void be(const std::function<Result<std::unique_ptr<RemoteDocker>>()>& start, int line) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        auto remote = start();
        const std::string told = remote ? (*remote)->socket() : remote.error().message;
        char order[8];
        if (::send(line, told.data(), told.size(), MSG_NOSIGNAL) < 0 || ::recv(line, order, sizeof order, 0) <= 0)
            ::_exit(1);
        if (remote) remote->reset();
        (void)::send(line, "ended", 5, MSG_NOSIGNAL);
        while (true) ::pause();
    }

    Fd line_;
    pid_t process_ = 0;
};

// The process in whose arguments, each of which ends with a zero byte, that is; 0: none.
pid_t process_with(const std::string& arguments) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream file(entry.path() / "cmdline", std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        if (text.str().find(arguments) != std::string::npos) return std::stoi(name);
    }
    return 0;
}

// Sleeps for a time that nothing else on this machine sleeps for.
struct Sleeper {
    std::string seconds = std::to_string(100'000'000 + ::getpid());
    json::object body() const {
        return {{"Image", "ci/inner:1"}, {"Cmd", json::array{"sleep", json::string(seconds)}}};
    }
    pid_t process() const {
        pid_t found = 0;
        using namespace std::string_literals;
        eventually("a container's process", [&] { return (found = process_with("sleep\0"s + seconds + "\0"s)) > 0; });
        return found;
    }
};

// Of engines that this process had, or another of the test's; other tests may have some now.
std::size_t groups_left(pid_t owner = ::getpid()) {
    const std::string prefix = "gyre-docker-" + std::to_string(owner) + "-";
    std::size_t count = 0;
    std::error_code failed;
    for (const auto& one : std::filesystem::directory_iterator("/sys/fs/cgroup", failed)) {
        if (!one.is_directory() || one.is_symlink()) continue;
        for (const auto& group : std::filesystem::directory_iterator(one.path(), failed))
            count += group.path().filename().string().starts_with(prefix) ? 1 : 0;
    }
    return count;
}

TEST_P(RemoteDockerInBox, is_an_engine_of_the_job_alone_which_any_user_in_it_may_use_and_that_leaves_nothing) {
    auto remote = start();
    ASSERT_TRUE(remote) << remote.error().message;
    EXPECT_EQ(run_in(*box, "id -u; test -S " + (*remote)->socket() + " && test -w " + (*remote)->socket()).output,
              "1000\n");
    EngineSettings settings;
    settings.socket = socket_of(**remote);
    auto client = EngineClient::connect(settings);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->facts().name, "docker");
    const auto containers = client->list("gyre.box");
    ASSERT_TRUE(containers) << containers.error().message;
    EXPECT_TRUE(containers->empty()) << "it sees the machine's own containers";
    EXPECT_THAT(run_in(*box, "ip link").output, HasSubstr("docker0")) << "what its containers publish is near the job";
    remote->reset();
    EXPECT_FALSE(EngineClient::connect(settings));
    EXPECT_EQ(groups_left(), 0U);
}

// Another agent's may stand between the making of a container's group and its first process.
TEST_P(RemoteDockerInBox, sweeps_the_groups_of_dead_agents_and_no_others) {
    namespace fs = std::filesystem;
    const std::string top = fs::exists("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids/" : "/sys/fs/cgroup/";
    const std::string own = std::to_string(::getpid()) + "-" + std::to_string(process_start_time(::getpid()));
    const std::string dead = top + "gyre-docker-" + std::to_string(::getpid()) + "-1-ab";
    const std::string alive = top + "gyre-docker-" + own + "-ab";
    for (const auto& group : {dead, dead + "/container", alive}) ASSERT_TRUE(fs::create_directory(group)) << group;
    auto remote = start();
    EXPECT_TRUE(remote) << remote.error().message;
    EXPECT_FALSE(fs::exists(dead));
    EXPECT_TRUE(fs::exists(alive));
    ::rmdir(alive.c_str());
}

TEST_P(RemoteDockerInBox, has_a_socket_that_the_jobs_user_cannot_remove) {
    auto remote = start();
    ASSERT_TRUE(remote) << remote.error().message;
    EXPECT_NE(run_in(*box, "rm " + (*remote)->socket()).exit_code(), 0) << "/tmp is sticky, and the job is not root";
    remote->reset();
    EXPECT_EQ(groups_left(), 0U);
}

TEST_P(RemoteDockerInBox, that_does_not_start_says_its_last_words) {
    const std::string program = files.path() + "/broken";
    std::ofstream(program) << "#!/bin/sh\necho 'failed to start daemon: no space'\nexit 1\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const auto remote = start(program);
    ASSERT_FALSE(remote);
    EXPECT_EQ(remote.error().fault, Fault::invalid);
    EXPECT_THAT(remote.error().message, HasSubstr("failed to start daemon: no space"));
    EXPECT_FALSE(start("no-such-dockerd"));
}

TEST_P(RemoteDockerInBox, follows_no_link_of_the_job_out_of_it) {
    ASSERT_TRUE(box->destroy());
    ASSERT_NO_FATAL_FAILURE(prepare("attempt-2", "root"));
    const std::string outside = files.make("outside");
    ASSERT_EQ(run_in(*box, "rmdir /tmp && ln -s " + outside + " /tmp").exit_code(), 0);
    EXPECT_FALSE(start());
    EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_P(RemoteDockerInBox, runs_containers_whose_ports_are_at_the_jobs_localhost) {
    auto remote = start();
    ASSERT_TRUE(remote) << remote.error().message;
    const json::object bindings{{"80/tcp", json::array{json::object{{"HostPort", "8099"}}}}};
    ASSERT_NO_FATAL_FAILURE(
        run_container(socket_of(**remote), {{"Image", "ci/inner:1"},
                                            {"Cmd", json::array{"httpd", "-f", "-p", "80", "-h", "/etc"}},
                                            {"ExposedPorts", json::object{{"80/tcp", json::object{}}}},
                                            {"HostConfig", json::object{{"PortBindings", bindings}}}}));
    const auto page = run_in(*box, "until wget -q -O - http://127.0.0.1:8099/passwd 2>/dev/null; do sleep 0.1; done");
    EXPECT_THAT(page.output, HasSubstr("ci:x:1000"));
}

TEST_P(RemoteDockerInBox, ends_with_its_containers_when_its_owner_is_killed) {
    using namespace std::string_literals;
    const Sleeper sleeper;
    Owner owner([this] { return start(); });
    ASSERT_THAT(owner.socket, HasSubstr(".sock"));
    ASSERT_NO_FATAL_FAILURE(run_container(seen_from_here(owner.socket), sleeper.body()));
    const pid_t daemon = process_with(files.path() + "/remote/data\0"s);
    const pid_t container = sleeper.process();
    ASSERT_GT(daemon, 0);
    const pid_t killed = owner.process();
    owner.kill();
    EXPECT_TRUE(ends_within(daemon, std::chrono::seconds(30)));
    EXPECT_TRUE(ends_within(container, std::chrono::seconds(30)));
    std::error_code failed;
    std::filesystem::remove_all(files.path() + "/remote", failed);
    EXPECT_FALSE(failed) << failed.message() << ": its data can be removed, and nothing is mounted there";
    auto next = start();
    ASSERT_TRUE(next) << next.error().message;
    next->reset();
    EXPECT_EQ(groups_left() + groups_left(killed), 0U) << "swept by the next engine";
}

// A process that is traced from outside stays when it was killed, as one that hangs in the kernel does.
TEST_P(RemoteDockerInBox, does_not_hold_up_the_end_of_a_job_by_a_process_that_hangs) {
    const Sleeper sleeper;
    Owner owner([this] { return start(); });
    ASSERT_THAT(owner.socket, HasSubstr(".sock"));
    ASSERT_NO_FATAL_FAILURE(run_container(seen_from_here(owner.socket), sleeper.body()));
    const pid_t container = sleeper.process();
    ASSERT_EQ(::ptrace(PTRACE_SEIZE, container, nullptr, nullptr), 0) << std::strerror(errno);
    owner.end_engine();
    EXPECT_EQ(owner.hear(), "ended");
    int status = 0;
    EXPECT_EQ(::waitpid(container, &status, __WALL), container);
    EXPECT_TRUE(WIFSIGNALED(status));
    const pid_t killed = owner.process();
    owner.kill();
    auto next = start();
    ASSERT_TRUE(next) << next.error().message;
    next->reset();
    EXPECT_EQ(groups_left() + groups_left(killed), 0U) << "swept by the next engine";
}

INSTANTIATE_TEST_SUITE_P(Each, RemoteDockerInBox, testing::Values("docker", "podman", "oci"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace gyre::agent
