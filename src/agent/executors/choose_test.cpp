// Which executor a job gets.

#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/executor.h"
#include "agent/executors/oci_tools.h"
#include "support/fake_engine.h"

namespace gyre::agent {
namespace {

const ExecutorSpec docker_job = gyre::DockerExecutor{};
const ExecutorSpec machine_job = MachineExecutor{};

ExecutorSettings without_engine(bool allow_host_sandbox = false) {
    ExecutorSettings settings;
    settings.docker_socket = "/nonexistent/engine.sock";
    settings.allow_host_sandbox = allow_host_sandbox;
    return settings;
}

std::string name_of_chosen(const Result<std::unique_ptr<Executor>>& chosen) {
    return chosen ? std::string((*chosen)->name()) : chosen.error().message;
}

TEST(ChosenExecutor, of_a_docker_job_is_the_engine_that_answers) {
    for (const char* kind : {"docker", "podman"}) {
        const test::FakeEngine engine(kind);
        ExecutorSettings settings;
        settings.docker_socket = engine.socket();
        settings.allow_host_sandbox = true;
        EXPECT_EQ(name_of_chosen(choose_executor(docker_job, settings)), kind);
    }
}

TEST(ChosenExecutor, of_a_docker_job_without_an_engine_is_an_error_that_says_what_to_install) {
    const auto chosen = choose_executor(docker_job, without_engine());
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().fault, Fault::unavailable);
    for (const char* word : {"docker.io", "podman", "--sandbox=host", "/nonexistent/engine.sock"}) {
        EXPECT_NE(chosen.error().message.find(word), std::string::npos) << chosen.error().message;
    }
}

TEST(ChosenExecutor, of_a_machine_job_is_an_error_that_says_so) {
    const test::FakeEngine engine;
    ExecutorSettings settings;
    settings.docker_socket = engine.socket();
    const auto chosen = choose_executor(machine_job, settings);
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().fault, Fault::unavailable);
    EXPECT_NE(chosen.error().message.find("machine"), std::string::npos);
}

TEST(ChosenExecutor, is_the_sandbox_where_that_is_allowed_and_it_says_so_first) {
    for (const auto& job : {docker_job, machine_job}) {
        const auto chosen = choose_executor(job, without_engine(true));
        if (!chosen) GTEST_SKIP() << "needs the sandbox: " << chosen.error().message;
        EXPECT_EQ((*chosen)->name(), "sandbox");
        wire::Assignment assignment;
        assignment.job.executor = job;
        std::string said;
        BoxRequest request;
        request.assignment = &assignment;
        request.directory = "/nonexistent";
        request.injob_path = "/nonexistent";
        request.say = [&](std::string_view line) { said += line; };
        EXPECT_FALSE((*chosen)->prepare(request));
        EXPECT_TRUE(said.starts_with("NOTICE: ")) << said;
    }
}

TEST(ChosenExecutor, of_a_docker_job_without_an_engine_runs_images_where_this_machine_can) {
    ExecutorSettings settings;
    settings.docker_socket = "none";
    const auto tools = find_oci_tools();
    const auto chosen = choose_executor(docker_job, settings);
    if (tools) {
        EXPECT_EQ(name_of_chosen(chosen), "oci");
    } else {
        ASSERT_FALSE(chosen);
        EXPECT_NE(chosen.error().message.find(tools.error().message), std::string::npos) << chosen.error().message;
    }
    settings.allow_plain = true;
    EXPECT_NE(name_of_chosen(choose_executor(docker_job, settings)), "oci")
        << "what the administrator allowed is first";
    EXPECT_EQ(name_of_chosen(executor_named("oci", settings)), "oci") << "to sweep, with or without programs";
}

TEST(ChosenExecutor, is_plain_processes_where_that_is_allowed_but_never_for_root) {
    auto settings = without_engine();
    settings.allow_plain = true;
    for (const auto& job : {docker_job, machine_job}) {
        const auto chosen = choose_executor(job, settings);
        if (geteuid() == 0) {
            ASSERT_FALSE(chosen);
            EXPECT_NE(chosen.error().message.find("ordinary user"), std::string::npos) << chosen.error().message;
        } else {
            EXPECT_EQ(name_of_chosen(chosen), "plain");
        }
    }
    EXPECT_EQ(name_of_chosen(executor_named("plain", settings)), "plain") << "to sweep";
}

TEST(ExecutorNamed, is_that_one_or_none) {
    const test::FakeEngine engine("podman");
    ExecutorSettings settings;
    settings.docker_socket = engine.socket();
    settings.allow_host_sandbox = true;
    EXPECT_EQ(name_of_chosen(executor_named("podman", settings)), "podman");
    const auto other = executor_named("docker", settings);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find(engine.socket() + " is podman"), std::string::npos) << other.error().message;
    EXPECT_FALSE(executor_named("docker", without_engine(true)));
    const auto sandbox = executor_named("sandbox", settings);
    if (!sandbox) GTEST_SKIP() << "needs the sandbox: " << sandbox.error().message;
    EXPECT_EQ((*sandbox)->name(), "sandbox");
}

}  // namespace
}  // namespace gyre::agent
