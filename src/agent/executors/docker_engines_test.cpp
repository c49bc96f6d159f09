// Boxes in real engines: every test runs with docker and with podman, each started here with a network, a store and
// processes of its own.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/executors/box_in_test.h"
#include "agent/executors/docker.h"
#include "agent/executors/docker_sweep.h"
#include "support/engines.h"

namespace gyre::agent {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr const char* image = "ci/busybox:1";
constexpr std::int64_t memory_mb = 64;

class RealEngines : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        files = std::make_unique<PrivateDirectory>();
        network = std::make_unique<PrivateNetwork>();
        const bool is_docker = std::string(GetParam()) == "docker";
        auto started = (is_docker ? start_dockerd : start_podman)(*network, files->make("engine"));
        ASSERT_TRUE(started) << started.error().message;
        engine = std::move(*started);
        import({});
        EngineSettings settings;
        settings.socket = engine->socket();
        auto found = EngineClient::connect(settings);
        ASSERT_TRUE(found) << found.error().message;
        executor = make_docker(std::move(*found));
        ASSERT_EQ(executor->name(), GetParam());
        assignment.resources = {1000, memory_mb};
        containers({{.image = image}});
    }

    void import(const std::vector<std::string>& changes, const std::string& name = "ci/busybox") {
        const auto imported = import_busybox(*engine, files->path(), name, "1", changes);
        ASSERT_TRUE(imported) << imported.error().message;
    }
    void containers(std::vector<ContainerSpec> wanted) {
        gyre::DockerExecutor wish;
        wish.containers = std::move(wanted);
        assignment.job.executor = std::move(wish);
    }
    Result<std::unique_ptr<Box>> prepare(const std::string& name = "attempt-1") {
        BoxRequest request;
        request.assignment = &assignment;
        request.name = name;
        request.directory = files->make(name);
        request.injob_path = GYRE_INJOB;
        request.environment = environment;
        request.gpus = gpus;
        request.say = [this](std::string_view line) { said += std::string(line) + "\n"; };
        return executor->prepare(request);
    }
    EngineClient ask_engine() {
        EngineSettings settings;
        settings.socket = engine->socket();
        auto client = EngineClient::connect(settings);
        if (!client) throw std::runtime_error(client.error().message);
        return std::move(*client);
    }
    std::vector<ListedContainer> containers_left() {
        auto found = ask_engine().list("gyre.box");
        if (!found) throw std::runtime_error(found.error().message);
        return *found;
    }
    void engine_removes(const std::string& role) {
        EngineClient client = ask_engine();
        for (const auto& one : containers_left()) {
            if (one.role != role) continue;
            const auto removed = client.remove(one.id);
            EXPECT_TRUE(removed) << removed.error().message;
        }
    }

    std::unique_ptr<PrivateDirectory> files;
    std::unique_ptr<PrivateNetwork> network;
    std::unique_ptr<RunningEngine> engine;
    std::unique_ptr<Executor> executor;
    wire::Assignment assignment;
    Environment environment;
    std::vector<CdiDevice> gpus;
    std::string said;
};

#define PREPARED(box)     \
    auto box = prepare(); \
    ASSERT_TRUE(box) << box.error().message

TEST_P(RealEngines, run_steps_in_an_image_without_bash_as_its_user_with_its_environment) {
    import({"USER ci", "ENV FROM_IMAGE=1", "ENV BOTH=image"});
    containers({{.image = image, .environment = {{"BOTH", "container"}, {"CONTAINER", "2"}}}});
    environment = {{"JOB", "3"}};
    PREPARED(box);
    EXPECT_EQ((*box)->supervisor().inside().home, "/home/ci");
    EXPECT_FALSE((*box)->supervisor().inside().has_bash);
    EXPECT_EQ(run_in(**box, "id -u; pwd; echo $FROM_IMAGE $BOTH $CONTAINER $JOB $STEP", {{"STEP", "4"}}).output,
              "1000\n/home/ci\n1 container 2 3 4\n");
    EXPECT_EQ(run_in(**box, "exit 7").exit_code(), 7);
    // What one step leaves, the next one finds: files and processes.
    EXPECT_EQ(run_in(**box, "touch here; sleep 1000 > /dev/null 2>&1 &").exit_code(), 0);
    EXPECT_EQ(run_in(**box, "test -f here && pidof sleep > /dev/null").exit_code(), 0);
    EXPECT_TRUE((*box)->destroy());
    EXPECT_TRUE(containers_left().empty());
}

TEST_P(RealEngines, give_a_job_no_power_over_the_host) {
    PREPARED(box);
    auto ran = run_in(**box,
                      "grep -E 'NoNewPrivs|Seccomp:|CapEff' /proc/self/status; command -v circleci; "
                      "touch /run/gyre/x; echo x > /run/gyre/gyre-injob; mount -t tmpfs x /tmp; exit 5");
    EXPECT_EQ(ran.exit_code(), 5);
    EXPECT_NE(ran.output.find("NoNewPrivs:\t1"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("Seccomp:\t2"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("/run/gyre/circleci"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("touch: /run/gyre/x: Read-only"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("mount: "), std::string::npos) << ran.output;
    const auto capabilities = std::stoull(ran.output.substr(ran.output.find("CapEff:") + 8), nullptr, 16);
    EXPECT_EQ(capabilities & (1ULL << 13 | 1ULL << 21), 0u) << "NET_RAW, SYS_ADMIN";
}

TEST_P(RealEngines, give_a_job_its_gpus) {
    gpus.push_back(
        {.kind = "acme.com/gpu",
         .name = "0",
         .own = {.nodes = {{"/dev/acme-gpu0", "/dev/zero", "r"}}},
         .common = {.environment = {{"ACME_GPU", "0"}}, .mounts = {{"/etc/passwd", "/usr/lib/acme.so", {"ro"}}}}});
    PREPARED(box);
    EXPECT_EQ(
        run_in(**box, "head -c 3 /dev/acme-gpu0 | od -An -tx1; grep -c ^root: /usr/lib/acme.so; echo $ACME_GPU").output,
        " 00 00 00\n1\n0\n");
    EXPECT_NE(run_in(**box, "echo x >> /usr/lib/acme.so").exit_code(), 0);
}

TEST_P(RealEngines, say_which_gpus_they_cannot_give) {
    gpus.push_back({.kind = "acme.com/gpu", .name = "0"});
    gpus.back().common.hooks = {{"createContainer", "/usr/bin/acme-hook", {}, {}, {}}};
    const auto box = prepare();
    ASSERT_FALSE(box);
    EXPECT_EQ(box.error().fault, Fault::unavailable);
    EXPECT_NE(box.error().message.find("acme.com/gpu=0 wants programs to be run"), std::string::npos)
        << box.error().message;
}

TEST_P(RealEngines, let_services_share_localhost_and_have_names) {
    containers({{.image = image},
                {.image = image,
                 .name = "greeter",
                 .command = {"sh", "-c", "while true; do echo $WORD from $(id -u) | nc -l -p 5555; done"},
                 .user = "ci",
                 .environment = {{"WORD", "hello"}}},
                {.image = image, .entrypoint = {"/bin/nc", "-l", "-p"}, .command = {"6666"}}});
    PREPARED(box);
    const auto ask = [&](const std::string& host) {
        // A listener that is about to end may still accept, and then says nothing.
        const std::string once =
            "said=$(nc " + host + " 5555 < /dev/null); [ -n \"$said\" ] && echo \"$said\" && break";
        return run_in(**box, "for i in $(seq 100); do " + once + "; usleep 100000; done").output;
    };
    EXPECT_NE(ask("localhost").find("hello from 1000"), std::string::npos);
    EXPECT_NE(ask("greeter").find("hello from 1000"), std::string::npos);
    EXPECT_EQ(run_in(**box, "for i in $(seq 100); do echo x | nc 127.0.0.1 6666 && exit 0; usleep 100000; done; exit 1")
                  .exit_code(),
              0);
    EXPECT_EQ(containers_left().size(), 3u);
    box->reset();
    EXPECT_TRUE(containers_left().empty());
}

TEST_P(RealEngines, say_why_a_service_does_not_run) {
    containers({{.image = image}, {.image = image, .command = {"sh", "-c", "echo cannot open database; exit 3"}}});
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    // It may have ended before the box was ready, or just after.
    if (!said.empty() && said.find("exit code") != std::string::npos) {
        EXPECT_NE(said.find("exit code 3"), std::string::npos) << said;
        EXPECT_NE(said.find("cannot open database"), std::string::npos) << said;
    }
    box->reset();
    containers({{.image = image}, {.image = image, .entrypoint = {"/no/such/program"}}});
    const auto failed = prepare("attempt-2");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::invalid) << failed.error().message;
    EXPECT_NE(failed.error().message.find("/no/such/program"), std::string::npos) << failed.error().message;
    containers({{.image = image, .user = "nobody-here"}});
    const auto nobody = prepare("attempt-3");
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().fault, Fault::invalid) << nobody.error().message;
    EXPECT_TRUE(containers_left().empty());
}

TEST_P(RealEngines, keep_an_images_own_entry_point_when_it_asks_for_that) {
    import(
        {"LABEL com.circleci.preserve-entrypoint=true",
         R"(ENTRYPOINT ["/bin/sh", "-c", "touch /tmp/mine; while [ ! -f /tmp/end ]; do usleep 10000; done; exit 9"])"});
    PREPARED(box);
    EXPECT_EQ(
        run_in(**box, "for i in $(seq 100); do test -f /tmp/mine && exit 0; usleep 100000; done; exit 1").exit_code(),
        0);
    auto ran = run_in(**box, "touch /tmp/end; sleep 1000");
    EXPECT_TRUE(std::holds_alternative<BoxGone>(ran.end) || std::holds_alternative<KilledBy>(ran.end));
    EXPECT_NE((*box)->trouble().find("exit code 9"), std::string::npos) << (*box)->trouble();
}

TEST_P(RealEngines, tell_that_memory_ran_out) {
    PREPARED(box);
    EXPECT_EQ((*box)->trouble(), "");
    auto ran = run_in(**box, "x=0123456789abcdef; while true; do x=$x$x; done");
    const auto* killed = std::get_if<KilledBy>(&ran.end);
    EXPECT_TRUE(killed && killed->signal == SIGKILL);
    EXPECT_NE((*box)->trouble().find("out of memory: the limit of 64 MB"), std::string::npos) << (*box)->trouble();
    (*box)->forget_trouble();
    EXPECT_EQ((*box)->trouble(), "") << "a later step fails for other reasons";
}

TEST_P(RealEngines, count_what_a_job_writes) {
    PREPARED(box);
    expect_files_are_counted(**box);
}

TEST_P(RealEngines, tell_that_a_container_was_removed) {
    PREPARED(box);
    std::thread remover([&] { engine_removes("primary"); });
    auto ran = run_in(**box, "sleep 1000");
    remover.join();
    EXPECT_FALSE(std::holds_alternative<ExitedWith>(ran.end));
    EXPECT_NE((*box)->trouble(), "");
    EXPECT_TRUE((*box)->destroy());
    EXPECT_TRUE(containers_left().empty());
}

TEST_P(RealEngines, pull_with_credentials_and_refuse_without) {
    auto registry = start_registry(*network, files->make("registry"));
    ASSERT_TRUE(registry) << registry.error().message;
    const auto published = publish(*engine, *registry, "ci/busybox", "1");
    ASSERT_TRUE(published) << published.error().message;
    const std::string name = registry->address + "/ci/busybox";
    environment = {{"REGISTRY_PASSWORD", registry->password}};
    const auto failure = [&](const std::string& reference, std::optional<RegistryAuth> auth, const char* attempt) {
        containers({{.image = reference, .auth = std::move(auth)}});
        const auto box = prepare(attempt);
        EXPECT_FALSE(box);
        return box ? Error{} : box.error();
    };
    for (const auto& [auth, attempt] : std::vector<std::pair<std::optional<RegistryAuth>, const char*>>{
             {std::nullopt, "none"}, {RegistryAuth{"bob", "wrong"}, "wrong"}}) {
        const Error refused = failure(name + ":1", auth, attempt);
        EXPECT_EQ(refused.fault, Fault::invalid);
        EXPECT_NE(refused.message.find("may not be pulled"), std::string::npos) << refused.message;
    }
    const Error missing = failure(name + ":2", RegistryAuth{"bob", "$REGISTRY_PASSWORD"}, "missing");
    EXPECT_EQ(missing.fault, Fault::invalid);
    EXPECT_NE(missing.message.find("does not exist"), std::string::npos) << missing.message;

    containers({{.image = name + ":1", .auth = RegistryAuth{"bob", "$REGISTRY_PASSWORD"}}});
    PREPARED(box);
    EXPECT_EQ(run_in(**box, "echo hi").output, "hi\n");
    EXPECT_EQ(said.find(registry->password), std::string::npos);
}

TEST_P(RealEngines, lose_what_jobs_pulled_and_nothing_of_the_users) {
    auto registry = start_registry(*network, files->make("registry"));
    ASSERT_TRUE(registry) << registry.error().message;
    EngineClient client = ask_engine();
    const auto reference = [&](const std::string& name) { return registry->address + "/ci/" + name + ":1"; };
    const auto is_there = [&](const std::string& name) { return client.image(name).value().has_value(); };
    const auto agent_with = [&](std::int64_t budget) {
        return make_docker(client.another(-1), {.work_directory = files->make("work"), .image_budget = budget});
    };
    for (const std::string name : {"older", "newer", "users"}) {
        import({"ENV WHICH=" + name}, "ci/" + name);
        const auto published = publish(*engine, *registry, "ci/" + name, "1");
        ASSERT_TRUE(published) << published.error().message;
        if (name == "users") continue;
        ASSERT_TRUE(client.remove_image("ci/" + name + ":1"));
    }
    for (const std::string name : {"older", "newer", "users"}) {
        ASSERT_FALSE(is_there(reference(name)));
        containers({{.image = reference(name), .auth = RegistryAuth{"bob", registry->password}}});
        executor = agent_with(0);
        auto box = prepare(name);
        ASSERT_TRUE(box) << box.error().message;
        EXPECT_EQ(run_in(**box, "echo $WHICH").output, name + "\n");
        box->reset();
        executor->tidy();
        EXPECT_TRUE(is_there(reference(name))) << "0: no bound";
    }
    const auto images = client.images();
    ASSERT_TRUE(images) << images.error().message;
    const auto one = std::ranges::max(*images, {}, &ListedImage::bytes).bytes;
    ASSERT_GT(one, 0);

    executor = agent_with(one + one / 2);
    executor->tidy();
    EXPECT_FALSE(is_there(reference("older")));
    EXPECT_TRUE(is_there(reference("newer")));

    const auto container = client.create("of-the-user", {{"Image", reference("newer")}, {"Cmd", json::array{"true"}}});
    ASSERT_TRUE(container) << container.error().message;
    executor = agent_with(1);
    executor->tidy();
    EXPECT_TRUE(is_there(reference("newer"))) << "a container uses it";
    ASSERT_TRUE(client.remove(*container));
    executor->tidy();
    EXPECT_FALSE(is_there(reference("newer")));
    EXPECT_TRUE(is_there(reference("users"))) << "the user had it by another name";
    EXPECT_TRUE(is_there("ci/users:1"));
    EXPECT_TRUE(is_there(image));
}

TEST_P(RealEngines, pull_with_what_the_organization_has_where_the_config_says_nothing) {
    auto registry = start_registry(*network, files->make("registry"));
    ASSERT_TRUE(registry) << registry.error().message;
    const auto published = publish(*engine, *registry, "ci/busybox", "1");
    ASSERT_TRUE(published) << published.error().message;
    const std::string name = registry->address + "/ci/busybox:1";
    containers({{.image = name}, {.image = name, .command = {"sleep", "1000"}}});
    assignment.registry_logins = {{registry->address, registry->username, "wrong"}};
    const auto refused = prepare("wrong");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_NE(refused.error().message.find("gyre registries list"), std::string::npos) << refused.error().message;

    assignment.registry_logins = {{"localhost:1", "nobody", "wrong"},
                                  {registry->address, registry->username, registry->password}};
    containers({{.image = name, .auth = RegistryAuth{"bob", "wrong"}}});
    EXPECT_FALSE(prepare("own")) << "what the config says counts";
    containers({{.image = name}, {.image = name, .command = {"sleep", "1000"}}});
    PREPARED(box);
    const auto ran = run_in(**box, "env; echo hi");
    EXPECT_NE(ran.output.find("hi\n"), std::string::npos);
    EXPECT_EQ(ran.output.find(registry->password), std::string::npos);
    EXPECT_EQ(said.find(registry->password), std::string::npos);
}

TEST_P(RealEngines, hold_nothing_of_an_agent_that_was_killed) {
    containers({{.image = image}, {.image = image, .command = {"sleep", "1000"}}});
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto agent = ::fork();
    if (agent == 0) {
        auto box = prepare("killed");
        if (box) (void)(*box)->supervisor().spawn({.argv = {"sleep", "1000"}, .working_directory = "/"}, {});
        (void)!::write(ends[1], box ? "1" : "0", 1);
        ::pause();
    }
    char prepared = '?';
    ASSERT_EQ(::read(ends[0], &prepared, 1), 1);
    ASSERT_EQ(prepared, '1');
    PREPARED(mine);
    EXPECT_TRUE(executor->sweep([](std::string_view) { return false; }));
    EXPECT_EQ(containers_left().size(), 4u);  // both agents live
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
    EXPECT_TRUE(executor->sweep([](std::string_view) { return false; }));
    const auto left = containers_left();
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].box, "attempt-1");
    EXPECT_EQ(run_in(**mine, "echo unhurt").output, "unhurt\n");
}

INSTANTIATE_TEST_SUITE_P(Each, RealEngines, testing::Values("docker", "podman"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace gyre::agent
