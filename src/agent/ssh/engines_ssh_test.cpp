// SSH into containers of real engines, which are started here.

#include <gtest/gtest.h>

#include "agent/executors/docker.h"
#include "agent/ssh/box_in_test.h"
#include "support/engines.h"

namespace gyre::agent {
namespace {

class SshIntoEngines : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
        if (const std::string need = test::engines_need(); !need.empty()) GTEST_SKIP() << need;
        files = std::make_unique<test::PrivateDirectory>();
        network = std::make_unique<test::PrivateNetwork>();
        const bool is_docker = std::string(GetParam()) == "docker";
        auto started = (is_docker ? test::start_dockerd : test::start_podman)(*network, files->make("engine"));
        ASSERT_TRUE(started) << started.error().message;
        engine = std::move(*started);
        const auto imported = test::import_busybox(*engine, files->path(), "ci/busybox", "1", {"USER ci"});
        ASSERT_TRUE(imported) << imported.error().message;
        EngineSettings settings;
        settings.socket = engine->socket();
        auto found = EngineClient::connect(settings);
        ASSERT_TRUE(found) << found.error().message;
        executor = make_docker(std::move(*found));
    }

    std::unique_ptr<test::PrivateDirectory> files;
    std::unique_ptr<test::PrivateNetwork> network;
    std::unique_ptr<test::RunningEngine> engine;
    std::unique_ptr<Executor> executor;
};

TEST_P(SshIntoEngines, is_as_whole_as_into_any_box) {
    wire::Assignment assignment;
    assignment.resources = {1000, 64};
    gyre::DockerExecutor wish;
    wish.containers = {{.image = "ci/busybox:1"}};
    assignment.job.executor = std::move(wish);
    BoxRequest request;
    request.assignment = &assignment;
    request.name = "attempt-1";
    request.directory = files->make("attempt-1");
    request.injob_path = GYRE_INJOB;
    auto box = executor->prepare(request);
    ASSERT_TRUE(box) << box.error().message;
    testing::expect_whole_ssh_into(**box, "/home/ci", files->path() + "/host-key");
    EXPECT_TRUE((*box)->destroy());
}

INSTANTIATE_TEST_SUITE_P(Engines, SshIntoEngines, ::testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

}  // namespace
}  // namespace gyre::agent
