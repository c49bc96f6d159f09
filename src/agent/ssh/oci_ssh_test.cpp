// SSH into containers that were made without an engine.

#include <gtest/gtest.h>

#include "agent/executors/oci.h"
#include "agent/ssh/box_in_test.h"
#include "support/engines.h"
#include "support/oci_image.h"

namespace gyre::agent {
namespace {

class SshIntoOci : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
        if (const std::string need = test::oci_need(); !need.empty()) GTEST_SKIP() << need;
        auto tools = find_oci_tools();
        ASSERT_TRUE(tools) << tools.error().message;
        std::erase_if(tools->runtimes, [](const std::string& path) { return !path.ends_with(GetParam()); });
        if (tools->runtimes.empty()) GTEST_SKIP() << "needs " << GetParam() << ": apt-get install " << GetParam();
        files = std::make_unique<test::PrivateDirectory>();
        network = std::make_unique<test::PrivateNetwork>();
        const auto entered = test::enter_network(*network);
        ASSERT_TRUE(entered) << entered.error().message;
        auto started = test::start_registry(*network, files->make("registry"));
        ASSERT_TRUE(started) << started.error().message;
        registry = std::move(*started);
        publish();
        ExecutorSettings settings;
        settings.work_directory = files->make("work");
        executor = make_oci(std::move(*tools), settings);
    }

    void publish() {
        const auto root = test::busybox_root(files->path());
        ASSERT_TRUE(root) << root.error().message;
        const auto published =
            test::publish_oci(registry, files->make("publish"),
                              {.name = "ci/busybox", .tag = "1", .root = *root, .settings = {"--config.user", "ci"}});
        ASSERT_TRUE(published) << published.error().message;
        gyre::DockerExecutor wish;
        wish.containers = {
            {.image = registry.address + "/ci/busybox:1", .auth = RegistryAuth{registry.username, registry.password}}};
        assignment.job.executor = std::move(wish);
        assignment.resources = {1000, 64};
    }

    std::unique_ptr<test::PrivateDirectory> files;
    std::unique_ptr<test::PrivateNetwork> network;
    test::RunningRegistry registry;
    std::unique_ptr<Executor> executor;
    wire::Assignment assignment;
};

TEST_P(SshIntoOci, is_as_whole_as_into_any_box) {
    BoxRequest request;
    request.assignment = &assignment;
    request.name = "ssh-" + std::to_string(::getpid());  // its control group stands at the host's root
    request.directory = files->make("attempt-1");
    request.injob_path = GYRE_INJOB;
    auto box = executor->prepare(request);
    ASSERT_TRUE(box) << box.error().message;
    testing::expect_whole_ssh_into(**box, "/home/ci", files->path() + "/host-key");
    EXPECT_TRUE((*box)->destroy());
}

INSTANTIATE_TEST_SUITE_P(Runtimes, SshIntoOci, ::testing::Values("crun", "runc"),
                         [](const auto& runtime) { return std::string(runtime.param); });

}  // namespace
}  // namespace gyre::agent
