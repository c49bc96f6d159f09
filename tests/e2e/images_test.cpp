// What jobs bring to a machine's engine goes again when it takes more than the administrator allows; what the
// machine's user has there stays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/executors/engine_client.h"
#include "support/engines.h"
#include "support/eventually.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;

class ImagesOfJobs : public Story, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        auto engine = start_private_engine(GetParam());
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        auto registry = start_registry(engine_->network, engine_->files.make("registry"));
        ASSERT_TRUE(registry) << registry.error().message;
        registry_ = std::move(*registry);
        for (const std::string name : {"ci/ours", "ci/users"}) {
            const auto imported =
                import_busybox(*engine_->running, engine_->files.path(), name, "1", {"ENV NAME=" + name});
            ASSERT_TRUE(imported) << imported.error().message;
            const auto published = publish(*engine_->running, registry_, name, "1");
            ASSERT_TRUE(published) << published.error().message;
        }
        ASSERT_TRUE(client().remove_image("ci/ours:1"));
        start({.flags = {"--image-budget-mb", "1", "--ready-containers", "no"},
               .sandbox = "off",
               .docker_socket = engine_->running->socket()});
    }
    agent::EngineClient client() const {
        agent::EngineSettings settings;
        settings.socket = engine_->running->socket();
        return agent::EngineClient::connect(settings).value();
    }
    std::string reference(const std::string& name) const { return registry_.address + "/" + name + ":1"; }
    // Podman cannot describe an image while it removes it.
    bool is_there(const std::string& image) const {
        const auto found = client().image(image);
        return !found || found->has_value();
    }
    void run_in(const std::string& name) {
        config("version: 2.1\njobs:\n  build:\n    docker:\n      - image: " + reference(name) +
               "\n        auth: {username: " + registry_.username + ", password: " + registry_.password +
               "}\n    steps:\n      - run: echo it runs in $NAME\nworkflows:\n  all:\n    jobs: [build]\n");
        EXPECT_EQ(push("run in " + name).wait().status(), "success") << newest().outputs("build");
        EXPECT_THAT(newest().outputs("build"), HasSubstr("Pulling " + reference(name)));
        expect_job("build").printed("it runs in " + name);
    }

    std::unique_ptr<PrivateEngine> engine_;
    RunningRegistry registry_;
};

TEST_P(ImagesOfJobs, go_beyond_the_budget_and_the_users_stay) {
    if (IsSkipped()) return;
    run_in("ci/users");
    for (int time = 0; time < 2; ++time) {
        run_in("ci/ours");
        eventually("the image goes", [&] { return !is_there(reference("ci/ours")); });
    }
    EXPECT_THAT(read_file(server().data() + "/agents.log"), HasSubstr("removed image " + reference("ci/ours")));
    EXPECT_TRUE(is_there(reference("ci/users")));
    EXPECT_TRUE(is_there("ci/users:1"));
}

INSTANTIATE_TEST_SUITE_P(Engines, ImagesOfJobs, testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

}  // namespace
}  // namespace gyre::test
