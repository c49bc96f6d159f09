#include "agent/executors/docker_container.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/executors/docker_control.h"
#include "agent/executors/docker_gpus.h"
#include "agent/executors/docker_limits.h"
#include "agent/executors/docker_sweep.h"
#include "agent/executors/engine_answers.h"
#include "support/fake_engine.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

ContainerSurroundings surroundings() {
    ContainerSurroundings around;
    around.box = "a1";
    around.agent = "7 1234";
    around.resources = {2000, 4096};
    around.most_files = 20'000;
    around.most_processes = 0;
    around.control_directory = "/var/lib/gyre/work/a1/run";
    return around;
}

EngineFacts docker() { return {"docker", "20.10.24", "1.41", 2}; }
EngineFacts podman() { return {"podman", "4.3.1", "1.41", 2}; }

json::value primary(const ContainerSpec& container, const ImageFacts& image = {"sha256:1", "", "", false},
                    const ContainerSurroundings& around = surroundings(), const EngineFacts& engine = docker()) {
    return primary_body(container, image, engine, around);
}

std::string shown(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* found = find(from, path);
    return found ? json::serialize(*found) : "absent";
}

TEST(PrimaryContainer, runs_our_supervisor_instead_of_its_images_command) {
    const auto body = primary({.image = "cimg/go:1.21"});
    EXPECT_EQ(shown(body, {"Entrypoint"}),
              R"(["/run/gyre/gyre-injob","supervise","--socket","/run/gyre/ctl.sock","--refuse-calls"])");
    EXPECT_EQ(shown(body, {"Cmd"}), "[]");
    EXPECT_EQ(shown(body, {"Image"}), R"("sha256:1")");
    EXPECT_EQ(shown(body, {"HostConfig", "Mounts"}),
              R"([{"Type":"bind","Source":"/var/lib/gyre/work/a1/run","Target":"/run/gyre","ReadOnly":true}])");
}

CdiDevice gpu(const std::string& name, const std::string& kind = "nvidia.com/gpu") {
    CdiDevice device{.kind = kind, .name = name};
    device.own.nodes = {{"/dev/g" + name, "/dev/h" + name, "rw"}};
    device.common.environment = {{"G_VISIBLE", "void"}};
    device.common.mounts = {{"/usr/lib/g.so", "/lib/g.so", {"ro"}}};
    return device;
}

CdiDevice gpu_with_hooks(const std::string& name, const std::string& kind = "nvidia.com/gpu") {
    CdiDevice device = gpu(name, kind);
    device.common.hooks = {{"createContainer", "/usr/bin/hook", {}, {}, {}}};
    return device;
}

TEST(GpuWishes, are_what_the_engine_can_do) {
    const auto wishes = [](std::vector<CdiDevice> gpus, EngineFacts engine) {
        const auto wished = gpu_wishes(gpus, engine);
        if (!wished) return wished.error().message;
        std::string text = json::serialize(wished->host);
        for (const auto& [name, value] : wished->environment) text += " " + name + "=" + value;
        return text;
    };
    EngineFacts new_docker = docker();
    new_docker.knows_cdi = true;
    EXPECT_EQ(wishes({}, docker()), "{}");
    EXPECT_EQ(wishes({gpu_with_hooks("0"), gpu_with_hooks("1")}, new_docker),
              R"({"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=0","nvidia.com/gpu=1"]}]})");
    EXPECT_EQ(wishes({gpu_with_hooks("0"), gpu_with_hooks("GPU-1")}, docker()),
              R"({"DeviceRequests":[{"Driver":"nvidia","DeviceIDs":["0","GPU-1"],"Capabilities":[["gpu"]]}]})");
    EXPECT_EQ(
        wishes({gpu("0", "amd.com/gpu"), gpu("1", "amd.com/gpu")}, podman()),
        R"({"Devices":[{"PathOnHost":"/dev/h0","PathInContainer":"/dev/g0","CgroupPermissions":"rw"},)"
        R"({"PathOnHost":"/dev/h1","PathInContainer":"/dev/g1","CgroupPermissions":"rw"}],)"
        R"("Mounts":[{"Type":"bind","Source":"/usr/lib/g.so","Target":"/lib/g.so","ReadOnly":true}]} G_VISIBLE=void)");
    EXPECT_NE(wishes({gpu_with_hooks("0")}, podman()).find("podman 4.3.1 cannot be asked for that"), std::string::npos);
    EXPECT_NE(wishes({gpu_with_hooks("0", "a.b/gpu")}, docker()).find("docker 20.10.24 cannot"), std::string::npos);
}

TEST(PrimaryContainer, alone_is_given_the_jobs_gpus) {
    auto around = surroundings();
    around.gpus = *gpu_wishes(std::vector{gpu("0")}, podman());
    const auto body = primary({.image = "x"}, {"sha256:1", "", "", false}, around);
    EXPECT_EQ(shown(body, {"HostConfig", "Devices"}),
              R"([{"PathOnHost":"/dev/h0","PathInContainer":"/dev/g0","CgroupPermissions":"rw"}])");
    EXPECT_EQ(shown(body, {"Env"}), R"(["G_VISIBLE=void"])");
    EXPECT_EQ(shown(body, {"HostConfig", "Mounts"}),
              R"([{"Type":"bind","Source":"/var/lib/gyre/work/a1/run","Target":"/run/gyre","ReadOnly":true},)"
              R"({"Type":"bind","Source":"/usr/lib/g.so","Target":"/lib/g.so","ReadOnly":true}])");
    const auto service = service_body({.image = "x"}, {"sha256:1", "", "", false}, docker(), around, "1");
    EXPECT_EQ(shown(service, {"HostConfig", "Devices"}), "absent");
}

TEST(Containers, get_no_gpus_by_the_variable_of_nvidias_runtime) {
    EngineFacts nvidias = docker();
    nvidias.gives_gpus_by_variable = true;
    const ContainerSpec greedy{.image = "x", .environment = {{"NVIDIA_VISIBLE_DEVICES", "all"}, {"A", "b"}}};
    const ImageFacts image{"sha256:1", "", "", false};
    auto around = surroundings();
    EXPECT_EQ(shown(primary(greedy, image, around), {"Env"}), R"(["A=b","NVIDIA_VISIBLE_DEVICES=all"])");
    EXPECT_EQ(shown(primary(greedy, image, around, nvidias), {"Env"}), R"(["A=b","NVIDIA_VISIBLE_DEVICES=void"])");
    EXPECT_EQ(shown(service_body(greedy, image, nvidias, around, "1"), {"Env"}),
              R"(["A=b","NVIDIA_VISIBLE_DEVICES=void"])");
    around.gpus = *gpu_wishes(std::vector{gpu_with_hooks("0")}, nvidias);
    EXPECT_EQ(shown(primary(greedy, image, around, nvidias), {"Env"}), R"(["A=b"])") << "docker sets it";
    nvidias.knows_cdi = true;
    around.gpus = *gpu_wishes(std::vector{gpu_with_hooks("0")}, nvidias);
    EXPECT_EQ(shown(primary(greedy, image, around, nvidias), {"Env"}), R"(["A=b","NVIDIA_VISIBLE_DEVICES=void"])")
        << "an image may say all";
}

TEST(PrimaryContainer, keeps_an_entry_point_that_job_or_image_asks_for) {
    EXPECT_EQ(shown(primary({.image = "x", .command = {"serve"}}), {"Cmd"}), R"(["serve"])");
    EXPECT_EQ(shown(primary({.image = "x", .command = {"serve"}}), {"Entrypoint"}), "absent");
    EXPECT_EQ(shown(primary({.image = "x", .entrypoint = {"/init"}}), {"Entrypoint"}), R"(["/init"])");
    EXPECT_EQ(shown(primary({.image = "x"}, {"sha256:1", "", "", true}), {"Entrypoint"}), "absent");
}

TEST(PrimaryContainer, has_the_limits_of_its_resource_class_as_far_as_the_machine_goes) {
    auto around = surroundings();
    around.resources = {8000, 4096};
    const auto body = primary({.image = "x"}, {"sha256:1"}, around);
    EXPECT_EQ(shown(body, {"HostConfig", "Memory"}), "4294967296");
    EXPECT_EQ(shown(body, {"HostConfig", "MemorySwap"}), "4294967296");
    EXPECT_EQ(shown(body, {"HostConfig", "NanoCpus"}), "2000000000");
    EXPECT_EQ(shown(body, {"HostConfig", "PidsLimit"}), "4096");
    EngineFacts rootless = podman();
    rootless.limits_memory = rootless.limits_cpus = rootless.limits_processes = false;
    const auto unlimited = primary({.image = "x"}, {"sha256:1"}, around, rootless);
    for (const char* limit : {"Memory", "MemorySwap", "NanoCpus", "PidsLimit"}) {
        EXPECT_EQ(shown(unlimited, {"HostConfig", limit}), "absent");
    }
}

TEST(PrimaryContainer, gets_process_limits_from_podman_that_it_may_set) {
    EXPECT_EQ(shown(primary({.image = "x"}), {"HostConfig", "Ulimits"}), "absent");
    EXPECT_EQ(shown(primary({.image = "x"}, {"sha256:1"}, surroundings(), podman()), {"HostConfig", "Ulimits"}),
              R"([{"Name":"nofile","Soft":20000,"Hard":20000},{"Name":"nproc","Soft":65536,"Hard":65536}])");
}

TEST(PrimaryContainer, gives_no_power_over_the_host) {
    const auto body = primary({.image = "x"});
    const std::string text = json::serialize(body);
    for (const char* word : {"Privileged", "CapAdd", "Devices", "PidMode", "IpcMode", "unconfined", "Binds"}) {
        EXPECT_EQ(text.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(shown(body, {"HostConfig", "CapDrop"}), R"(["NET_RAW"])");
}

TEST(PrimaryContainer, may_use_sudo_unless_its_user_is_root_anyway) {
    const std::string no_new_privileges = R"(["no-new-privileges"])";
    EXPECT_EQ(shown(primary({.image = "x"}), {"HostConfig", "SecurityOpt"}), no_new_privileges);
    EXPECT_EQ(shown(primary({.image = "x"}, {"i", "", "circleci"}), {"HostConfig", "SecurityOpt"}), "absent");
    EXPECT_EQ(shown(primary({.image = "x", .user = "ci"}), {"HostConfig", "SecurityOpt"}), "absent");
    for (const char* root : {"root", "0", "0:0", "root:docker"}) {
        EXPECT_EQ(shown(primary({.image = "x", .user = root}, {"i", "", "circleci"}), {"HostConfig", "SecurityOpt"}),
                  no_new_privileges);
    }
}

TEST(PrimaryContainer, has_a_supervisor_that_knows_what_its_engine_was_asked_for) {
    const auto expects_no_new_privileges = [](const ContainerSpec& container, const ImageFacts& image) {
        return supervisor_command(container, image).back() == "--refuse-calls";
    };
    EXPECT_TRUE(expects_no_new_privileges({.image = "x"}, {"sha256:1"}));
    EXPECT_TRUE(expects_no_new_privileges({.image = "x", .user = "root"}, {"i", "", "circleci"}));
    EXPECT_FALSE(expects_no_new_privileges({.image = "x"}, {"i", "", "circleci"}));
    EXPECT_FALSE(expects_no_new_privileges({.image = "x", .user = "ci"}, {"i"}));
}

TEST(PrimaryContainer, sees_each_variable_once_and_the_last_of_its_values) {
    auto around = surroundings();
    around.environment = {{"A", "job"}, {"C", "3"}, {"", "x"}, {"B=D", "x"}, {"N", std::string("a\0b", 3)}};
    const auto body = primary({.image = "x", .environment = {{"A", "container"}, {"B", "2"}}}, {"i"}, around);
    EXPECT_EQ(shown(body, {"Env"}), R"(["A=job","B=2","C=3"])");
}

TEST(PrimaryContainer, gives_no_core_to_a_program_of_the_host) {
    auto around = surroundings();
    around.cores_go_to_a_program = true;
    EXPECT_EQ(shown(primary({.image = "x"}, {"sha256:1"}, around), {"HostConfig", "Ulimits"}),
              R"([{"Name":"core","Soft":1,"Hard":1}])");
}

TEST(ServiceContainer, shares_the_primarys_network_and_keeps_its_own_command) {
    auto around = surroundings();
    around.environment = {{"SECRET", "x"}};
    const json::value body = service_body(
        {.image = "postgres:16", .name = "db", .command = {"-c", "fsync=off"}, .environment = {{"A", "1"}}},
        {"sha256:2"}, docker(), around, "c1");
    EXPECT_EQ(shown(body, {"HostConfig", "NetworkMode"}), R"("container:c1")");
    EXPECT_EQ(shown(body, {"Cmd"}), R"(["-c","fsync=off"])");
    EXPECT_EQ(shown(body, {"Entrypoint"}), "absent");
    EXPECT_EQ(shown(body, {"Env"}), R"(["A=1"])");
    EXPECT_EQ(shown(body, {"HostConfig", "Mounts"}), "absent");
    EXPECT_EQ(shown(body, {"Labels", "gyre.role"}), R"("service")");
}

TEST(Containers, that_cannot_be_are_told_before_an_engine_is_asked) {
    EXPECT_TRUE(check_containers({{.image = "x"}, {.image = "y", .name = "db-1.local"}}));
    EXPECT_FALSE(check_containers({}));
    EXPECT_FALSE(check_containers(std::vector<ContainerSpec>(33, ContainerSpec{.image = "x"})));
    for (const char* name : {"a b", "x:127.0.0.1", "a\nb", "a/b"}) {
        EXPECT_FALSE(check_containers({{.image = "x", .name = name}})) << name;
    }
}

TEST(MemoryEvents, are_found_for_both_kinds_of_cgroups) {
    EXPECT_EQ(memory_events_file("8:pids:/docker/1\n4:memory:/docker/1\n0::/docker/1\n", "/c"),
              "/c/memory/docker/1/memory.oom_control");
    EXPECT_EQ(memory_events_file("0::/machine.slice/libpod-1.scope\n", "/c"),
              "/c/machine.slice/libpod-1.scope/memory.events");
    EXPECT_EQ(memory_events_file("4:hugetlb,memory:/a:b\n", "/c"), "/c/memory/a:b/memory.oom_control");
    for (const char* none : {"", "x", "4:memory", "0::/", "4:memory:/../x\n", "4:cpu:/x\n"}) {
        EXPECT_EQ(memory_events_file(none, "/c"), "") << none;
    }
}

TEST(MemoryEvents, count_kills) {
    EXPECT_EQ(count_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), 3);
    EXPECT_EQ(count_kills("low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\noom_group_kill 0"), 1);
    EXPECT_EQ(count_kills(""), std::nullopt);
    EXPECT_EQ(count_kills("oom_kill x"), std::nullopt);
}

TEST(ProcessEvents, are_found_and_counted) {
    EXPECT_EQ(process_events_file("8:pids:/docker/1\n4:memory:/docker/1\n0::/x\n", "/c"),
              "/c/pids/docker/1/pids.events");
    EXPECT_EQ(process_events_file("4:memory:/docker/1\n0::/libpod-1.scope\n", "/c"), "/c/libpod-1.scope/pids.events");
    EXPECT_EQ(process_events_file("8:pids:/\n", "/c"), "");
    EXPECT_EQ(count_refusals("max 12\n"), 12);
    EXPECT_EQ(count_refusals("maximum 12\n"), std::nullopt);
}

class Control : public testing::Test {
protected:
    Control() {
        std::string pattern = (fs::temp_directory_path() / "gyre-control-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        // Deeper than a socket's name may be long.
        directory /= std::string(150, 'd');
        fs::create_directories(directory);
        std::ofstream(directory / "injob") << "program";
        fs::permissions(directory / "injob", fs::perms(0755));
    }
    ~Control() override { fs::remove_all(directory.parent_path()); }
    Fd connect() const {
        fs::current_path(directory / "run");
        Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "ctl.sock"};
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.reset();
        fs::current_path("/");
        return socket;
    }
    fs::path directory;
};

TEST_F(Control, directory_holds_the_helper_under_its_names_and_takes_one_connection) {
    auto control = ControlDirectory::make(directory, directory / "injob");
    ASSERT_TRUE(control) << control.error().message;
    for (const char* name : {"gyre-injob", "circleci", "circleci-agent"}) {
        EXPECT_EQ(fs::status(directory / "run" / name).permissions(), fs::perms(0755)) << name;
        EXPECT_EQ(fs::file_size(directory / "run" / name), 7u);
    }
    EXPECT_EQ(fs::status(directory / "run/filter").permissions(), fs::perms(0644));
    EXPECT_GT(fs::file_size(directory / "run/filter"), 100u * 8u) << "rules of eight bytes";
    const auto nobody = control->accept(0ms, -1);
    ASSERT_TRUE(nobody);
    EXPECT_FALSE(*nobody);
    const Fd first = connect();
    ASSERT_TRUE(first);
    const auto accepted = control->accept(10s, -1);
    ASSERT_TRUE(accepted);
    EXPECT_TRUE(*accepted);
    EXPECT_FALSE(connect());
    EXPECT_FALSE(fs::exists(directory / "run/ctl.sock"));
}

TEST_F(Control, directory_holds_a_copy_of_a_helper_that_is_not_for_everyone) {
    fs::permissions(directory / "injob", fs::perms(0700));
    ASSERT_TRUE(ControlDirectory::make(directory, directory / "injob"));
    EXPECT_EQ(fs::status(directory / "injob").permissions(), fs::perms(0700));
    EXPECT_EQ(fs::status(directory / "run/gyre-injob").permissions(), fs::perms(0755));
    EXPECT_FALSE(ControlDirectory::make(directory / "none", directory / "injob"));
}

TEST_F(Control, directory_is_given_up_when_the_job_is_canceled) {
    auto control = ControlDirectory::make(directory, directory / "injob");
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[1]);
    const auto accepted = control->accept(10s, ends[0]);
    ::close(ends[0]);
    ASSERT_FALSE(accepted);
    EXPECT_EQ(accepted.error().fault, Fault::unavailable);
}

TEST(Agent, lives_as_long_as_its_process_and_no_other_has_its_number) {
    EXPECT_TRUE(agent_lives(this_agent()));
    for (const char* other : {"", "x", "0 0", "-1 5", "1 1", "999999999 7", "12"})
        EXPECT_FALSE(agent_lives(other)) << other;
    const auto pid = ::fork();
    if (pid == 0) ::_exit(0);
    const std::string ended = std::to_string(pid) + this_agent().substr(this_agent().find(' '));
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
    EXPECT_FALSE(agent_lives(ended));  // a zombie, whatever its start time
    ::waitpid(pid, nullptr, 0);
}

TEST(Sweep, removes_what_dead_agents_left_services_first) {
    test::FakeEngine engine;
    engine.add_container("dead", "1 1", "primary");
    engine.add_container("dead", "1 1", "service");
    engine.add_container("claimed", "1 1", "primary");
    engine.add_container("mine", this_agent(), "primary");
    engine.add_container("nobody's", "", "service");
    EngineSettings settings;
    settings.socket = engine.socket();
    auto client = EngineClient::connect(settings);
    ASSERT_TRUE(client);
    EXPECT_TRUE(sweep_boxes(*client, [](std::string_view box) { return box == "claimed"; }));
    EXPECT_EQ(engine.containers(), (std::vector<std::string>{"claimed primary", "mine primary"}));
    std::vector<std::string> removed;
    for (const auto& one : engine.calls_of("DELETE")) removed.push_back(one.target.substr(0, one.target.find('?')));
    EXPECT_EQ(removed, (std::vector<std::string>{"/containers/c2", "/containers/c5", "/containers/c1"}));
    EXPECT_TRUE(remove_box(*client, "mine"));
    EXPECT_EQ(engine.containers(), (std::vector<std::string>{"claimed primary"}));
}

}  // namespace
}  // namespace gyre::agent
