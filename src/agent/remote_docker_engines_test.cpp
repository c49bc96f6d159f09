// A Docker engine for one job, in a real container of a real engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "agent/executors/box_in_test.h"
#include "agent/executors/docker.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/process_start.h"
#include "agent/remote_docker.h"
#include "support/engines.h"

namespace gyre::agent {
namespace {

using namespace test;
using ::testing::HasSubstr;

class RemoteDockerInBox : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        auto started = start_private_engine("docker");
        ASSERT_TRUE(started) << started.error().message;
        engine = std::move(*started);
        const auto imported = import_busybox(*engine->running, engine->files.path(), "ci/busybox", "1", {"USER ci"});
        ASSERT_TRUE(imported) << imported.error().message;
        EngineSettings settings;
        settings.socket = engine->running->socket();
        auto found = EngineClient::connect(settings);
        ASSERT_TRUE(found) << found.error().message;
        executor = make_docker(std::move(*found));
        gyre::DockerExecutor wish;
        wish.containers = {{.image = "ci/busybox:1"}};
        assignment.job.executor = std::move(wish);
        assignment.resources = {1000, 256};
        auto made = executor->prepare({.assignment = &assignment,
                                       .name = "attempt-1",
                                       .directory = engine->files.make("attempt-1"),
                                       .injob_path = GYRE_INJOB});
        ASSERT_TRUE(made) << made.error().message;
        box = std::move(*made);
    }
    Result<std::unique_ptr<RemoteDocker>> start(const std::string& dockerd = "dockerd") {
        return RemoteDocker::start({.directory = engine->files.make("remote"),
                                    .process = box->process(),
                                    .process_started = process_start_time(box->process()),
                                    .dockerd = dockerd});
    }
    // As the job's processes reach it.
    std::string socket_of(const RemoteDocker& remote) {
        return "/proc/" + std::to_string(box->process()) + "/root" + remote.socket();
    }

    std::unique_ptr<PrivateEngine> engine;
    std::unique_ptr<Executor> executor;
    wire::Assignment assignment;
    std::unique_ptr<Box> box;
};

std::size_t groups_left() {
    std::size_t count = 0;
    std::error_code failed;
    for (const auto& one : std::filesystem::directory_iterator("/sys/fs/cgroup", failed)) {
        if (!one.is_directory() || one.is_symlink()) continue;
        for (const auto& group : std::filesystem::directory_iterator(one.path(), failed))
            count += group.path().filename().string().starts_with("gyre-docker-") ? 1 : 0;
    }
    return count;
}

TEST_F(RemoteDockerInBox, is_an_engine_of_the_job_alone_which_any_user_in_it_may_use_and_that_leaves_nothing) {
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
TEST_F(RemoteDockerInBox, sweeps_the_groups_of_dead_agents_and_no_others) {
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

TEST_F(RemoteDockerInBox, has_a_socket_that_the_jobs_user_cannot_remove) {
    auto remote = start();
    ASSERT_TRUE(remote) << remote.error().message;
    EXPECT_NE(run_in(*box, "rm " + (*remote)->socket()).exit_code(), 0) << "/tmp is sticky, and the job is not root";
    remote->reset();
    EXPECT_EQ(groups_left(), 0U);
}

TEST_F(RemoteDockerInBox, that_does_not_start_says_its_last_words) {
    const std::string program = engine->files.path() + "/broken";
    std::ofstream(program) << "#!/bin/sh\necho 'failed to start daemon: no space'\nexit 1\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const auto remote = start(program);
    ASSERT_FALSE(remote);
    EXPECT_EQ(remote.error().fault, Fault::invalid);
    EXPECT_THAT(remote.error().message, HasSubstr("failed to start daemon: no space"));
    EXPECT_FALSE(start("no-such-dockerd"));
}

TEST_F(RemoteDockerInBox, follows_no_link_of_the_job_out_of_it) {
    ASSERT_TRUE(box->destroy());
    const auto imported = import_busybox(*engine->running, engine->files.path(), "ci/busybox", "1", {"USER root"});
    ASSERT_TRUE(imported) << imported.error().message;
    auto made = executor->prepare({.assignment = &assignment,
                                   .name = "attempt-2",
                                   .directory = engine->files.make("attempt-2"),
                                   .injob_path = GYRE_INJOB});
    ASSERT_TRUE(made) << made.error().message;
    box = std::move(*made);
    const std::string outside = engine->files.make("outside");
    ASSERT_EQ(run_in(*box, "rmdir /tmp && ln -s " + outside + " /tmp").exit_code(), 0);
    EXPECT_FALSE(start());
    EXPECT_TRUE(std::filesystem::is_empty(outside));
}

}  // namespace
}  // namespace gyre::agent
