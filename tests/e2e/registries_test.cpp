// Private images without a word of credentials in the config: an administrator stores the login of an organization, and
// its jobs pull with it; before a real registry that wants a password.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/engines.h"
#include "support/machine_image.h"
#include "support/story.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// What the command exits with.
constexpr int misused = 2;
constexpr int not_there = 3;

class Registries : public Story, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        auto engine = start_private_engine(GetParam());
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        auto registry = start_registry(engine_->network, engine_->files.make("registry"));
        ASSERT_TRUE(registry) << registry.error().message;
        registry_ = std::move(*registry);
        const auto imported = import_machine_image(
            *engine_->running, engine_->files.path(),
            {.name = "ci/tools", .programs = {"bash", "sh", "cat", "cp", "env", "mkdir", "mv", "rm", "sleep", "tar"}});
        ASSERT_TRUE(imported) << imported.error().message;
        const auto published = publish(*engine_->running, registry_, "ci/tools", "1");
        ASSERT_TRUE(published) << published.error().message;
        start({.sandbox = "off", .docker_socket = engine_->running->socket()});
    }
    std::string gyre(std::vector<std::string> words, const std::string& input = "", int code = 0) {
        const Finished done = server().gyre(std::move(words), "", input);
        EXPECT_EQ(done.exit_code, code) << done.out << done.err;
        return done.out + done.err;
    }
    // The job's own container and a service of the same private image.
    void private_images(const std::string& command) {
        const std::string image = "{image: \"" + registry_.address + "/ci/tools:1\"";
        config("version: 2.1\njobs:\n  build:\n    docker:\n      - " + image + "}\n      - " + image +
               ", command: [sleep, \"1000\"]}\n    steps:\n      - run: " + command +
               "\nworkflows:\n  all:\n    jobs: [build]\n");
    }
    std::vector<std::string> files_with(const std::string& text) {
        std::vector<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(server().directory())) {
            if (!entry.is_regular_file()) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string bytes(std::istreambuf_iterator<char>(file), {});
            if (bytes.find(text) != std::string::npos) found.push_back(entry.path());
        }
        return found;
    }

    std::unique_ptr<PrivateEngine> engine_;
    RunningRegistry registry_;
};

TEST_P(Registries, give_images_to_jobs_of_an_organization_that_has_a_login) {
    if (IsSkipped()) return;
    const std::string& host = registry_.address;
    private_images("env; echo it says " + registry_.password);
    EXPECT_EQ(push("before the login").wait().status(), "failed");
    EXPECT_THAT(newest().outputs("build"), HasSubstr("gyre registries add"));

    EXPECT_THAT(gyre({"registries", "list", "git"}), HasSubstr("git has no logins to registries"));
    gyre({"registries", "add", "git", host, "--username", registry_.username}, "not-the-password\n");
    EXPECT_EQ(push("with a wrong one").wait().status(), "failed");
    EXPECT_THAT(newest().outputs("build"), HasSubstr("gyre registries list"));
    EXPECT_THAT(newest().outputs("build"), Not(HasSubstr("not-the-password")));

    const std::string added =
        gyre({"registries", "add", "git", host, "--username", registry_.username}, registry_.password + "\n");
    EXPECT_THAT(added, HasSubstr("stored the login of bob to " + host));
    EXPECT_THAT(gyre({"registries", "list", "git"}), HasSubstr(host));
    EXPECT_EQ(push("with the login").wait().status(), "success") << newest().outputs("build");
    expect_job("build").printed("it says ****");
    for (const auto& told : {newest().outputs("build"), gyre({"registries", "list", "git", "--json"}), gyre({"audit"})})
        EXPECT_THAT(told, Not(HasSubstr(registry_.password)));
    EXPECT_THAT(newest().outputs("build"), Not(HasSubstr(registry_.username))) << "the job's environment has neither";
    const std::string number = std::to_string(number_at(newest().job("build"), "job_number"));
    EXPECT_THAT(gyre({"jobs", "manifest", "git/app", number, "--json"}), Not(HasSubstr(registry_.username)));
    EXPECT_TRUE(files_with("not-the-password").empty()) << "it is sealed, and nothing logs it";

    EXPECT_THAT(gyre({"audit"}), HasSubstr("registry-login.store"));
    gyre({"registries", "remove", "git", host});
    EXPECT_THAT(gyre({"registries", "remove", "git", host}, "", not_there), HasSubstr("no login to this registry"));
    EXPECT_THAT(gyre({"registries", "add", "git", "https://" + host, "--username", "bob"}, "hunter2\n", misused),
                HasSubstr("write " + host));
    EXPECT_THAT(gyre({"registries", "add", "gh/nobody", host, "--username", "bob"}, "hunter2\n", not_there),
                HasSubstr("no project of this organization"));
}

INSTANTIATE_TEST_SUITE_P(Engines, Registries, testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

}  // namespace
}  // namespace gyre::test
