// Boxes from images without an engine, as in docker_engines_test.cpp: a real registry, skopeo, umoci, crun and runc.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "agent/executors/box_in_test.h"
#include "agent/executors/oci.h"
#include "agent/executors/oci_images.h"
#include "support/engines.h"
#include "support/oci_image.h"

namespace gyre::agent {
namespace {

using namespace test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr std::int64_t memory_mb = 64;

// Ends the names of this test's boxes: others have theirs on the same host.
const std::string mark = "-of-" + std::to_string(::getpid());

// What of this test's groups and mounts the host has.
std::string left_on_the_host() {
    std::string left;
    std::error_code failed;
    for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup", failed)) {
        for (const auto& group : fs::directory_iterator(hierarchy.path(), failed)) {
            if (group.path().filename().string().find(mark) != std::string::npos) left += group.path().string() + "\n";
        }
        if (hierarchy.path().filename().string().find(mark) != std::string::npos)
            left += hierarchy.path().string() + "\n";
    }
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        if (line.find("/oci/gyre-") != std::string::npos && line.find(mark) != std::string::npos) left += line + "\n";
    }
    return left;
}

class OciBoxes : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = oci_need(); !need.empty()) GTEST_SKIP() << need;
        auto found = find_oci_tools();
        ASSERT_TRUE(found) << found.error().message;
        tools = *found;
        std::erase_if(tools.runtimes, [](const std::string& path) { return !path.ends_with(GetParam()); });
        if (tools.runtimes.empty()) GTEST_SKIP() << "needs " << GetParam() << ": apt-get install " << GetParam();
        files = std::make_unique<PrivateDirectory>();
        network = std::make_unique<PrivateNetwork>();
        const auto entered = enter_network(*network);
        ASSERT_TRUE(entered) << entered.error().message;
        auto started = start_registry(*network, files->make("registry"));
        ASSERT_TRUE(started) << started.error().message;
        registry = std::move(*started);
        publish({});
        make_executor();
        assignment.resources = {1000, memory_mb};
        containers({container()});
    }
    void TearDown() override {
        if (!IsSkipped()) {
            EXPECT_EQ(left_on_the_host(), "");
        }
    }

    void make_executor() {
        ExecutorSettings settings;
        settings.work_directory = files->make("work");
        executor = make_oci(tools, settings);
    }
    void publish(const std::vector<std::string>& settings, const std::string& tag = "1") {
        const auto root = busybox_root(files->path());
        ASSERT_TRUE(root) << root.error().message;
        const auto published = publish_oci(registry, files->make("publish"),
                                           {.name = "ci/busybox", .tag = tag, .root = *root, .settings = settings});
        ASSERT_TRUE(published) << published.error().message;
    }
    std::string image(const std::string& tag = "1") const { return registry.address + "/ci/busybox:" + tag; }
    ContainerSpec container(const std::string& tag = "1") const {
        return {.image = image(tag), .auth = RegistryAuth{registry.username, registry.password}};
    }
    void containers(std::vector<ContainerSpec> wanted) {
        gyre::DockerExecutor wish;
        wish.containers = std::move(wanted);
        assignment.job.executor = std::move(wish);
    }
    Result<std::unique_ptr<Box>> prepare(const std::string& name = "attempt-1") {
        BoxRequest request;
        request.assignment = &assignment;
        request.name = name + mark;
        request.directory = files->make(name + mark);
        request.injob_path = GYRE_INJOB;
        request.environment = environment;
        request.gpus = gpus;
        request.say = [this](std::string_view line) { said += std::string(line) + "\n"; };
        return executor->prepare(request);
    }
    Error failure(std::vector<ContainerSpec> wanted, const char* attempt) {
        containers(std::move(wanted));
        const auto box = prepare(attempt);
        EXPECT_FALSE(box);
        return box ? Error{} : box.error();
    }

    std::unique_ptr<PrivateDirectory> files;
    std::unique_ptr<PrivateNetwork> network;
    RunningRegistry registry;
    OciTools tools;
    std::unique_ptr<Executor> executor;
    wire::Assignment assignment;
    Environment environment;
    std::vector<CdiDevice> gpus;
    std::string said;
};

#define PREPARED(box)     \
    auto box = prepare(); \
    ASSERT_TRUE(box) << box.error().message

TEST_P(OciBoxes, run_steps_as_the_images_user_with_its_environment) {
    publish({"--config.user", "ci", "--config.env", "FROM_IMAGE=1", "--config.env", "BOTH=image"}, "user");
    auto wanted = container("user");
    wanted.environment = {{"BOTH", "container"}, {"CONTAINER", "2"}};
    containers({wanted});
    environment = {{"JOB", "3"}};
    PREPARED(box);
    EXPECT_EQ((*box)->supervisor().inside().home, "/home/ci");
    EXPECT_FALSE((*box)->supervisor().inside().has_bash);
    EXPECT_EQ(run_in(**box, "id -u; pwd; echo $FROM_IMAGE $BOTH $CONTAINER $JOB $STEP", {{"STEP", "4"}}).output,
              "1000\n/home/ci\n1 container 2 3 4\n");
    EXPECT_EQ(run_in(**box, "exit 7").exit_code(), 7);
    EXPECT_EQ(run_in(**box, "touch here; sleep 1000 > /dev/null 2>&1 &").exit_code(), 0);
    EXPECT_EQ(run_in(**box, "test -f here && pidof sleep > /dev/null").exit_code(), 0);
    EXPECT_TRUE((*box)->destroy());
}

TEST_P(OciBoxes, leave_the_image_as_it_is_for_the_next_job) {
    {
        PREPARED(box);
        EXPECT_EQ(run_in(**box, "echo changed > /etc/passwd; rm -r /home; touch /new").exit_code(), 0);
    }
    auto again = prepare("attempt-2");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_THAT(said, HasSubstr("which is on this machine"));
    EXPECT_EQ(run_in(**again, "head -c 4 /etc/passwd").output, "root");
    EXPECT_EQ(run_in(**again, "test -d /home && ! test -e /new").exit_code(), 0);
    const auto images = (*again)->images();
    ASSERT_EQ(images.size(), 1U);
    EXPECT_TRUE(is_image_digest(images[0].digest)) << images[0].digest;
    EXPECT_TRUE(is_image_digest(images[0].id)) << images[0].id;
    EXPECT_EQ(images[0].reference, image());
}

TEST_P(OciBoxes, give_a_job_no_power_over_the_host) {
    PREPARED(box);
    auto ran = run_in(**box,
                      "grep -E 'NoNewPrivs|Seccomp:|CapEff' /proc/self/status; command -v circleci; "
                      "touch /run/gyre/x; echo x > /run/gyre/gyre-injob; mount -t tmpfs x /tmp; "
                      "mknod /tmp/disk b 254 0; echo x > /proc/sys/kernel/hostname; kill -9 -1; exit 5");
    EXPECT_EQ(ran.exit_code(), 5);
    EXPECT_THAT(ran.output, HasSubstr("NoNewPrivs:\t1"));
    EXPECT_THAT(ran.output, HasSubstr("Seccomp:\t2"));
    EXPECT_THAT(ran.output, HasSubstr("/run/gyre/circleci"));
    EXPECT_THAT(ran.output, HasSubstr("touch: /run/gyre/x: Read-only"));
    EXPECT_THAT(ran.output, HasSubstr("mount: "));
    EXPECT_THAT(ran.output, HasSubstr("mknod: "));
    const auto capabilities = std::stoull(ran.output.substr(ran.output.find("CapEff:") + 8), nullptr, 16);
    EXPECT_EQ(capabilities & (1ULL << 13 | 1ULL << 21 | 1ULL << 27), 0U) << "NET_RAW, SYS_ADMIN, MKNOD";
}

TEST_P(OciBoxes, give_a_job_its_gpus_and_run_their_hooks) {
    const std::string called = files->path() + "/called";
    const std::string hook = files->path() + "/hook";
    std::ofstream(hook) << "#!/bin/sh\necho \"$0 $1 $WORD\" > " << called << "\n";
    std::filesystem::permissions(hook, std::filesystem::perms::owner_all);
    gpus.push_back({.kind = "acme.com/gpu",
                    .name = "0",
                    .own = {.nodes = {{"/dev/acme/gpu0", "/dev/zero", "r"}}},
                    .common = {.environment = {{"ACME_GPU", "0"}},
                               .mounts = {{hook, "/usr/lib/acme.so", {"ro", "nosuid", "nodev"}}},
                               .hooks = {{"createRuntime", hook, {"acme", "make-ready"}, {"WORD=now"}, 5}}}});
    PREPARED(box);
    EXPECT_EQ(
        run_in(**box, "head -c 3 /dev/acme/gpu0 | od -An -tx1; head -n 1 /usr/lib/acme.so; echo $ACME_GPU").output,
        " 00 00 00\n#!/bin/sh\n0\n");
    std::ifstream told(called);
    std::string line;
    std::getline(told, line);
    EXPECT_EQ(line, hook + " make-ready now");
    EXPECT_NE(run_in(**box, "echo x > /usr/lib/acme.so").exit_code(), 0);
}

TEST_P(OciBoxes, need_the_nodes_that_a_gpus_description_names) {
    gpus.push_back(
        {.kind = "acme.com/gpu", .name = "0", .own = {.nodes = {{"/dev/acme0", "/dev/gyre-has-none", "rw"}}}});
    const auto box = prepare();
    ASSERT_FALSE(box);
    EXPECT_EQ(box.error().fault, Fault::unavailable);
    EXPECT_NE(box.error().message.find("/dev/gyre-has-none is no device"), std::string::npos) << box.error().message;
}

TEST_P(OciBoxes, keep_a_device_that_an_image_brings_shut) {
    const auto root = busybox_root(files->path());
    ASSERT_TRUE(root) << root.error().message;
    const std::string device = *root + "/tmp/memory";
    ASSERT_EQ(::mknod(device.c_str(), S_IFCHR | 0666, makedev(1, 11)), 0) << "/dev/kmsg";
    ASSERT_EQ(::chmod(device.c_str(), 0666), 0);
    publish({}, "device");
    containers({container("device")});
    PREPARED(box);
    auto ran = run_in(**box, "test -c /tmp/memory || echo none; head -c 1 /tmp/memory && exit 0; exit 3");
    EXPECT_EQ(ran.exit_code(), 3) << ran.output;
}

TEST_P(OciBoxes, have_a_network_of_their_own) {
    PREPARED(box);
    const auto addresses = run_in(**box, "ip addr").output;
    EXPECT_THAT(addresses, HasSubstr("inet 127.0.0.1/8"));
    if (tools.slirp4netns.empty()) {
        EXPECT_THAT(said, HasSubstr("reaches no network"));
    } else {
        EXPECT_THAT(addresses, HasSubstr("tap0"));
    }
    EXPECT_EQ(run_in(**box, "cat /etc/hostname; hostname; grep -c localhost /etc/hosts").output, "job\njob\n2\n");
    // The registry listens on the host's loopback.
    EXPECT_NE(run_in(**box, "nc 127.0.0.1 5000 < /dev/null").exit_code(), 0);
}

TEST_P(OciBoxes, let_services_share_localhost_and_have_names) {
    auto greeter = container();
    greeter.name = "greeter";
    greeter.command = {"sh", "-c", "while true; do echo $WORD from $(id -u) | nc -l -p 5555; done"};
    greeter.user = "ci";
    greeter.environment = {{"WORD", "hello"}};
    auto listener = container();
    listener.entrypoint = {"/bin/nc", "-l", "-p"};
    listener.command = {"6666"};
    containers({container(), greeter, listener});
    PREPARED(box);
    const auto ask = [&](const std::string& host) {
        const std::string once =
            "said=$(nc " + host + " 5555 < /dev/null); [ -n \"$said\" ] && echo \"$said\" && break";
        return run_in(**box, "for i in $(seq 100); do " + once + "; usleep 100000; done").output;
    };
    EXPECT_THAT(ask("localhost"), HasSubstr("hello from 1000"));
    EXPECT_THAT(ask("greeter"), HasSubstr("hello from 1000"));
    EXPECT_EQ(run_in(**box, "for i in $(seq 100); do echo x | nc 127.0.0.1 6666 && exit 0; usleep 100000; done; exit 1")
                  .exit_code(),
              0);
    EXPECT_EQ(run_in(**box, "pidof nc").exit_code(), 1) << "services have processes of their own";
}

TEST_P(OciBoxes, say_why_a_container_does_not_run) {
    auto broken = container();
    broken.command = {"sh", "-c", "echo cannot open database; exit 3"};
    containers({container(), broken});
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    const auto ended = [&] { return (*box)->trouble(); };
    for (int i = 0; i < 500 && ended().empty(); ++i) ::usleep(10'000);
    EXPECT_THAT(ended(), HasSubstr("ended with exit code 3"));
    box->reset();
    auto missing = container();
    missing.entrypoint = {"/no/such/program"};
    const Error failed = failure({container(), missing}, "attempt-2");
    EXPECT_EQ(failed.fault, Fault::invalid) << failed.message;
    EXPECT_THAT(failed.message, HasSubstr("/no/such/program"));
    auto somebody = container();
    somebody.user = "nobody-here";
    const Error nobody = failure({somebody}, "attempt-3");
    EXPECT_EQ(nobody.fault, Fault::invalid);
    EXPECT_THAT(nobody.message, HasSubstr("nobody-here"));
}

TEST_P(OciBoxes, keep_an_images_own_entry_point_when_it_asks_for_that) {
    publish({"--config.label", "com.circleci.preserve-entrypoint=true", "--config.entrypoint", "/bin/sh",
             "--config.entrypoint", "-c", "--config.entrypoint",
             "touch /tmp/mine; while [ ! -f /tmp/end ]; do usleep 10000; done; exit 9"},
            "entry");
    containers({container("entry")});
    PREPARED(box);
    EXPECT_EQ(
        run_in(**box, "for i in $(seq 100); do test -f /tmp/mine && exit 0; usleep 100000; done; exit 1").exit_code(),
        0);
    auto ran = run_in(**box, "touch /tmp/end; sleep 1000");
    EXPECT_TRUE(std::holds_alternative<BoxGone>(ran.end) || std::holds_alternative<KilledBy>(ran.end));
    EXPECT_THAT((*box)->trouble(), HasSubstr("exit code 9"));
}

// Whatever a job can open of what its container's processes write to: none of it is a file of the host's.
TEST_P(OciBoxes, keep_no_more_of_what_processes_print_than_they_may) {
    publish({"--config.label", "com.circleci.preserve-entrypoint=true", "--config.entrypoint", "/bin/sleep",
             "--config.entrypoint", "1000"},
            "entry");
    containers({container("entry")});
    PREPARED(box);
    EXPECT_EQ(run_in(**box,
                     "for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || head -c 40000000 /dev/zero > $p/fd/1; done "
                     "2> /dev/null; echo still here")
                  .output,
              "still here\n");
    EXPECT_LE(fs::file_size(files->path() + "/attempt-1" + mark + "/oci/gyre-primary/log"), 2U << 24);
}

TEST_P(OciBoxes, leave_a_note_of_what_could_not_be_removed) {
    PREPARED(box);
    std::string inner;
    std::istringstream groups(left_on_the_host());
    for (std::string group; std::getline(groups, group);) {
        if (fs::exists(group + "/gyre-primary/pids.max")) inner = group + "/of-nobody/inner";
    }
    ASSERT_NE(inner, "");
    ASSERT_TRUE(fs::create_directories(inner));
    EXPECT_FALSE((*box)->destroy()) << "a group that has one in it stays";
    box->reset();
    ASSERT_EQ(::rmdir(inner.c_str()), 0);
    EXPECT_TRUE(executor->sweep([](std::string_view) { return false; }));
    EXPECT_EQ(left_on_the_host(), "");
}

TEST_P(OciBoxes, tell_that_memory_ran_out) {
    PREPARED(box);
    EXPECT_EQ((*box)->trouble(), "");
    auto ran = run_in(**box, "x=0123456789abcdef; while true; do x=$x$x; done");
    const auto* killed = std::get_if<KilledBy>(&ran.end);
    EXPECT_TRUE(killed && killed->signal == SIGKILL);
    EXPECT_THAT((*box)->trouble(), HasSubstr("out of memory: the limit of 64 MB"));
    (*box)->forget_trouble();
    EXPECT_EQ((*box)->trouble(), "") << "a later step fails for other reasons";
}

TEST_P(OciBoxes, count_what_they_use) {
    PREPARED(box);
    auto meter = (*box)->usage_meter();
    EXPECT_EQ(run_in(**box, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done").exit_code(), 0);
    const auto readings = meter.read();
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_GT(readings[0].cpu_us.value_or(0), 0);
    EXPECT_GT(readings[0].memory_bytes.value_or(0), 0);
}

TEST_P(OciBoxes, count_their_files) {
    PREPARED(box);
    expect_files_are_counted(**box);
}

TEST_P(OciBoxes, pull_with_credentials_and_refuse_without) {
    environment = {{"REGISTRY_PASSWORD", registry.password}};
    auto none = container();
    none.auth.reset();
    auto wrong = container();
    wrong.auth = RegistryAuth{"bob", "wrong"};
    for (const auto& [spec, attempt] : {std::pair(none, "none"), std::pair(wrong, "wrong")}) {
        const Error refused = failure({spec}, attempt);
        EXPECT_EQ(refused.fault, Fault::invalid);
        EXPECT_THAT(refused.message, HasSubstr("may not be pulled"));
    }
    const Error missing = failure({container("2")}, "missing");
    EXPECT_EQ(missing.fault, Fault::invalid);
    EXPECT_THAT(missing.message, HasSubstr("does not exist"));
    auto unset = container();
    unset.auth = RegistryAuth{"bob", "$NOT_SET"};
    EXPECT_THAT(failure({unset}, "unset").message, HasSubstr("$NOT_SET is not set"));
    auto right = container();
    right.auth = RegistryAuth{"bob", "$REGISTRY_PASSWORD"};
    containers({right});
    PREPARED(box);
    EXPECT_EQ(run_in(**box, "echo hi").output, "hi\n");
    EXPECT_THAT(said, Not(HasSubstr(registry.password)));
    for (const auto& entry : fs::recursive_directory_iterator(files->path() + "/attempt-1" + mark)) {
        EXPECT_NE(entry.path().filename(), "registries.json") << "credentials stay on no disk";
    }
}

TEST_P(OciBoxes, pull_with_what_the_organization_has_where_the_config_says_nothing) {
    const ContainerSpec silent{.image = image()};
    assignment.registry_logins = {{registry.address, registry.username, "wrong"}};
    const Error refused = failure({silent}, "wrong");
    EXPECT_EQ(refused.fault, Fault::invalid);
    EXPECT_THAT(refused.message, HasSubstr("gyre registries list"));
    assignment.registry_logins = {{"localhost:1", "nobody", "wrong"}};
    EXPECT_THAT(failure({silent}, "another").message, HasSubstr("gyre registries add"));
    assignment.registry_logins.push_back({registry.address, registry.username, registry.password});
    const ContainerSpec own{.image = image(), .auth = RegistryAuth{"bob", "wrong"}};
    EXPECT_THAT(failure({own}, "own").message, HasSubstr("under `auth`"));
    containers({silent});
    PREPARED(box);
    EXPECT_THAT(run_in(**box, "env; echo hi").output, AllOf(HasSubstr("hi\n"), Not(HasSubstr(registry.password))));
    EXPECT_THAT(said, Not(HasSubstr(registry.password)));
    for (const auto& entry : fs::recursive_directory_iterator(files->path() + "/attempt-1" + mark)) {
        EXPECT_NE(entry.path().filename(), "registries.json") << "credentials stay on no disk";
    }
}

TEST_P(OciBoxes, use_what_is_here_when_the_registry_is_gone) {
    publish({}, "latest");
    containers({container("latest")});
    { PREPARED(box); }
    registry.daemon.reset();
    auto again = prepare("attempt-2");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_THAT(said, HasSubstr("it may be out of date"));
    again->reset();
    const Error never = failure({container("other")}, "attempt-3");
    EXPECT_EQ(never.fault, Fault::unavailable) << never.message;
}

TEST_P(OciBoxes, hold_nothing_of_an_agent_that_was_killed) {
    auto sleeper = container();
    sleeper.command = {"sleep", "1000"};
    containers({container(), sleeper});
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto agent = ::fork();
    if (agent == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever becomes of this test
        auto box = prepare("killed");
        if (box) (void)(*box)->supervisor().spawn({.argv = {"sleep", "1000"}, .working_directory = "/"}, {});
        (void)!::write(ends[1], box ? "1" : "0", 1);
        ::pause();
    }
    ::close(ends[1]);
    char prepared = '?';
    ASSERT_EQ(::read(ends[0], &prepared, 1), 1);
    ASSERT_EQ(prepared, '1');
    PREPARED(mine);
    EXPECT_TRUE(executor->sweep([](std::string_view) { return false; }));
    EXPECT_THAT(left_on_the_host(), HasSubstr("oci-gyre-killed")) << "its agent lives";
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
    EXPECT_TRUE(executor->sweep([](std::string_view) { return false; }));
    EXPECT_THAT(left_on_the_host(), Not(HasSubstr("oci-gyre-killed")));
    EXPECT_FALSE(fs::exists(files->path() + "/killed" + mark + "/oci"));
    EXPECT_EQ(run_in(**mine, "echo unhurt").output, "unhurt\n");
    mine->reset();
}

INSTANTIATE_TEST_SUITE_P(Each, OciBoxes, testing::Values("crun", "runc"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace gyre::agent
