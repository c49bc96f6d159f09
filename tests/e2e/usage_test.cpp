// What a job used of its machine, as its kernel counted it, under each executor.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "model/resource_usage.h"
#include "support/engines.h"
#include "support/machine_image.h"
#include "support/story.h"

namespace gyre::test {
namespace {

// A second of CPU time, and 100 MB at once.
constexpr const char* burning = R"(version: 2
jobs:
  build:
    docker: [{image: ci/python:1}]
    resource_class: small
    steps:
      - run: |
          python3 -c '
          import time
          held = b"x" * (100 << 20)
          while time.process_time() < 1: sum(held[:100000])
          '
)";

class Usage : public Story, public testing::WithParamInterface<std::string> {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "needs root: other users may have no control groups";
        if (!std::filesystem::exists("/usr/bin/python3"))
            GTEST_SKIP() << "needs /usr/bin/python3: apt-get install python3";
        if (GetParam() == "sandbox") return start();
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        auto engine = start_private_engine(GetParam());
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto imported = import_machine_image(
            *engine_->running, engine_->files.path(),
            {.name = "ci/python", .programs = {"bash", "sh", "python3"}, .folders = {"/usr/lib/python3.*"}});
        ASSERT_TRUE(imported) << imported.error().message;
        start({.sandbox = "off", .docker_socket = engine_->running->socket()});
    }

    std::string number() { return std::to_string(number_at(newest().job("build"), "job_number")); }
    json::value item() {
        return at(server().get("/api/v2/gyre/project/git%2Fapp/job/" + number() + "/usage"), "items").at(0);
    }

    std::unique_ptr<PrivateEngine> engine_;
};

TEST_P(Usage, of_a_job_that_burns_a_second_and_holds_100_mb_is_told) {
    if (IsSkipped()) return;
    config(burning);
    EXPECT_EQ(push("burn").wait().status(), "success") << newest().outputs("build");
    const auto usage = read_usage(json::serialize(at(item(), "usage")));
    ASSERT_TRUE(usage.ok()) << usage.error().message;
    EXPECT_EQ(1'000, usage->limits.millicpus);
    EXPECT_GE(usage->wall_ms, 1'000);
    EXPECT_GE(usage->totals.cpu_ms.value_or(0), 1'000);
    EXPECT_LT(usage->totals.cpu_ms.value_or(0), 20'000);
    EXPECT_GE(usage->totals.memory_peak_bytes.value_or(0), 100 << 20);
    EXPECT_LT(usage->totals.memory_peak_bytes.value_or(0), 400 << 20);
    EXPECT_EQ(GetParam() != "sandbox", usage->totals.received_bytes.has_value()) << "whose network is its own";
    const Finished shown = server().gyre({"jobs", "usage", "git/app", number()});
    EXPECT_EQ(0, shown.exit_code) << shown.err;
    EXPECT_NE(shown.out.find("MEMORY"), std::string::npos) << shown.out;
    const Finished none = server().gyre({"jobs", "usage", "git/app", number(), "--task", "7"});
    EXPECT_EQ(3, none.exit_code);
    EXPECT_NE(none.err.find("has no task 7"), std::string::npos) << none.err;
}

INSTANTIATE_TEST_SUITE_P(Executors, Usage, testing::Values("sandbox", "docker", "podman"),
                         [](const auto& executor) { return executor.param; });

}  // namespace
}  // namespace gyre::test
