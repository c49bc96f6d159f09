#include "agent/attempt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <thread>

#include "agent/attempt_directory.h"
#include "agent/attempt_harness.h"

namespace gyre::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

TEST(Attempt, runs_its_steps_and_tells_the_server_everything) {
    World world;
    world.run("echo one").run("echo two; pwd").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("one\n", world.output(0));
    EXPECT_EQ("two\n" + world.project() + "\n", world.output(1));
    EXPECT_EQ("Spin up environment", world.gateway.steps[0].name);
    EXPECT_EQ("infrastructure", world.gateway.steps[0].type);
    EXPECT_THAT(world.gateway.outputs[0], HasSubstr("NOTICE: NO ISOLATION"));
    EXPECT_EQ(StepStatus::success, world.record(1).status);
    EXPECT_EQ(0, world.record(1).exit_code);
    EXPECT_EQ("run", world.record(1).type);
    EXPECT_EQ("echo two; pwd", world.record(1).command);
    EXPECT_EQ(4, world.record(0).output_bytes);
    EXPECT_TRUE(std::filesystem::is_empty(world.work() + "/attempts"));
}

TEST(Attempt, stops_at_the_first_failure_but_runs_what_waits_for_it) {
    World world;
    world.run("exit 3")
        .run("echo never")
        .run("echo on fail", StepCondition::on_fail)
        .run("exit 4", StepCondition::always)
        .run("echo always", StepCondition::always)
        .start();
    EXPECT_EQ("step 'exit 3' exited with code 3", world.told<Failed>().reason);
    EXPECT_EQ("\nExited with code exit status 3\n", world.output(0));
    EXPECT_EQ(StepStatus::failed, world.record(0).status);
    EXPECT_EQ(3, world.record(0).exit_code);
    EXPECT_EQ(StepStatus::skipped, world.record(1).status);
    EXPECT_EQ("on fail\n", world.output(2));
    EXPECT_EQ("always\n", world.output(4));
}

TEST(Attempt, a_step_for_failures_is_skipped_when_there_is_none) {
    World world;
    world.run("echo no", StepCondition::on_fail).run("true").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(StepStatus::skipped, world.record(0).status);
}

TEST(Attempt, a_failing_always_step_fails_the_job) {
    World world;
    world.run("true").run("false", StepCondition::always).start();
    EXPECT_EQ("failed", world.how());
}

TEST(Attempt, gives_steps_their_shell_environment_and_directory) {
    World world;
    world.assignment.secrets = {{"WHO", "secret"}, {"ONLY", "project-value"}};
    world.assignment.built_in = {{"CI", "true"}, {"WHO", "built-in"}};
    world.assignment.job.executor =
        DockerExecutor{{{.image = "x", .environment = {{"OF_CONTAINER", "there"}, {"WHO", "container"}}}}};
    world.assignment.job.environment = {{"WHO", "job"}, {"PATH_LIKE", "a b  c"}};
    world
        .step(RunStep{
            .name = "env", .command = "echo \"$CI $WHO $PATH_LIKE $OF_CONTAINER\"", .environment = {{"WHO", "step"}}})
        .step(RunStep{.name = "sub", .command = "pwd; echo $WHO", .working_directory = "sub/dir"})
        .step(RunStep{.name = "shell", .command = "import sys; print('python', sys.argv[0] != '')", .shell = "python3"})
        .step(RunStep{.name = "pipefail", .command = "false | true\necho not reached"})
        .start();
    EXPECT_EQ("true step a b  c there\n", world.output(0));
    EXPECT_EQ(world.project() + "/sub/dir\njob\n", world.output(1));
    EXPECT_EQ("python True\n", world.output(2));
    EXPECT_THAT(world.output(3), Not(HasSubstr("not reached")));
}

TEST(Attempt, carries_exports_from_step_to_step_by_bash_env) {
    World world;
    world.run("echo 'export GREETING=hello' >> \"$BASH_ENV\"; echo $GREETING")
        .run("echo \"$GREETING\"; test \"$BASH_ENV\" = \"$CIRCLE_SHELL_ENV\"")
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("\n", world.output(0));
    EXPECT_EQ("hello\n", world.output(1));
}

TEST(Attempt, masks_secrets_in_output_and_in_reasons) {
    World world;
    world.assignment.secrets = {{"TOKEN", "s3cr3t-t0ken"}, {"PIN", "123"}};
    world.assignment.source.remote = "https://bot:g1tpassword@git.example/x.git";
    world
        .run(
            "echo \"$TOKEN $PIN\"; printf s3cr3t-; printf 't0ken\\n'; echo g1tpassword; echo -n $TOKEN | base64; set "
            "-x; : $TOKEN")
        .step(RunStep{.name = "bad shell", .command = "x", .shell = "/no/s3cr3t-t0ken"})
        .start();
    EXPECT_EQ("**** 123\n****\n****\n****\n+ : ****\n", world.output(0));
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("/no/****"));
}

TEST(Attempt, a_background_step_runs_beside_the_others_until_the_end) {
    World world;
    world
        .step(RunStep{.name = "server",
                      .command = "echo up; while sleep 0.01; do [ -e ask ] && echo heard && rm ask; done",
                      .background = true})
        .run("touch ask; while [ -e ask ]; do sleep 0.01; done")
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("up\nheard\n"));
    EXPECT_TRUE(world.record(0).background);
    EXPECT_EQ(StepStatus::success, world.record(0).status);
}

TEST(Attempt, a_background_step_that_fails_does_not_fail_the_job) {
    World world;
    world.step(RunStep{.name = "bad", .command = "echo $$ > new; mv new pid; exit 9", .background = true})
        .run("until [ -e pid ]; do sleep 0.01; done; while kill -0 $(cat pid); do sleep 0.01; done 2> errors")
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(9, world.record(0).exit_code);
    EXPECT_EQ(StepStatus::failed, world.record(0).status);
}

TEST(Attempt, a_step_ends_with_its_shell_though_a_child_keeps_the_pipe) {
    World world;
    world.run("(while [ ! -e go ]; do sleep 0.01; done; echo late; touch said) & echo early")
        .run("touch go; while [ ! -e said ]; do sleep 0.01; done")
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("early\nlate\n", world.output(0));
}

TEST(Attempt, a_silent_step_times_out_and_the_job_goes_on_to_its_always_steps) {
    World world;
    world.step(RunStep{.name = "quiet", .command = "echo hi; sleep 60", .no_output_timeout_ms = 50})
        .run("echo cleaning", StepCondition::always)
        .start();
    EXPECT_EQ("step 'quiet' printed nothing for 0.05s (no_output_timeout)", world.told<TimedOut>().reason);
    EXPECT_EQ(StepStatus::timedout, world.record(0).status);
    EXPECT_THAT(world.output(0), HasSubstr("Too long with no output"));
    EXPECT_EQ("cleaning\n", world.output(1));
}

TEST(Attempt, a_job_beyond_its_limit_ends_without_further_steps) {
    World world;
    world.assignment.limits.job_ms = 300;
    world.run("cat fifo").run("echo never", StepCondition::always);
    ASSERT_EQ(0, ::mkfifo((world.root / "project/fifo").c_str(), 0600));  // nobody ever writes to it
    world.start();
    EXPECT_THAT(world.told<TimedOut>().reason, HasSubstr("longer than its limit"));
    // On a busy machine the limit may come before the first step.
    ASSERT_FALSE(world.gateway.steps.empty());
    EXPECT_EQ(StepStatus::timedout, world.gateway.steps.rbegin()->second.status);
    EXPECT_EQ("", world.output(1));
}

TEST(Attempt, a_canceled_job_ends_without_further_steps) {
    World world;
    auto agent = world.run("echo started; sleep 60").run("echo never", StepCondition::always).start_aside();
    ASSERT_TRUE(world.gateway.wait_until([](const auto& gateway) { return gateway.outputs.contains(101); }));
    world.gateway.ask_to_stop();
    agent.join();
    EXPECT_EQ("canceled", world.how());
    EXPECT_EQ(StepStatus::canceled, world.record(0).status);
    EXPECT_THAT(world.output(0), HasSubstr("canceled by a test"));
    EXPECT_EQ("", world.output(1));
}

TEST(Attempt, a_fenced_attempt_ends_quietly) {
    World world;
    auto agent = world.run("echo started; sleep 60").start_aside();
    ASSERT_TRUE(world.gateway.wait_until([](const auto& gateway) { return gateway.outputs.contains(101); }));
    world.gateway.fence();
    agent.join();
    EXPECT_EQ("nothing was told", world.how());
    EXPECT_TRUE(std::filesystem::is_empty(world.work() + "/attempts"));
}

TEST(Attempt, halting_ends_the_job_as_a_success) {
    World world;
    world.run("touch \"$GYRE_HALT_FILE\"; echo halting").run("echo never", StepCondition::always).start();
    EXPECT_TRUE(world.told<Succeeded>().halted);
    EXPECT_EQ("", world.output(1));
}

TEST(Attempt, runs_a_step_again_when_it_may) {
    World world;
    world.step(RunStep{.name = "flaky", .command = "echo try >> tries; [ $(wc -l < tries) = 3 ]", .max_auto_reruns = 3})
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("try\ntry\ntry\n", testing::read_text(world.root / "project/tries"));
    EXPECT_THAT(world.output(0), HasSubstr("Running it again (2 of 3)"));
}

TEST(Attempt, a_step_that_is_killed_says_by_what) {
    World world;
    world.run("kill -9 $$").start();
    EXPECT_EQ("step 'kill -9 $$' was killed by signal 9 (Killed)", world.told<Failed>().reason);
    EXPECT_EQ(137, world.record(0).exit_code);
}

TEST(Attempt, a_deploy_step_runs_on_the_first_task_only) {
    World world;
    world.assignment.attempt.task = 1;
    world.step(RunStep{.name = "deploy", .command = "echo no", .deploy = true}).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(StepStatus::skipped, world.record(0).status);
}

TEST(Attempt, tells_our_failures_from_the_configs) {
    World no_engine;
    no_engine.no_executor = unavailable("no Docker engine on this machine: install docker.io");
    no_engine.run("true").start();
    EXPECT_EQ("no Docker engine on this machine: install docker.io", no_engine.told<InfrastructureFailed>().reason);
    EXPECT_FALSE(no_engine.told<InfrastructureFailed>().retryable);
    EXPECT_EQ(StepStatus::infrastructure_fail, no_engine.gateway.steps[0].status);
    EXPECT_FALSE(no_engine.gateway.steps.contains(101));

    World no_image;
    no_image.refusal = invalid("image nothere:1 was not found");
    no_image.run("true").start();
    EXPECT_EQ("image nothere:1 was not found", no_image.told<Failed>().reason);

    World hiccup;
    hiccup.refusal = unavailable("the engine did not answer");
    hiccup.run("true").start();
    EXPECT_TRUE(hiccup.told<InfrastructureFailed>().retryable);
}

TEST(Attempt, a_box_that_dies_is_our_failure) {
    World world;
    world.run("kill -9 $PPID; sleep 60").run("echo never", StepCondition::always).start();
    EXPECT_EQ("infrastructure_failed", world.how());
    EXPECT_EQ(StepStatus::infrastructure_fail, world.record(0).status);
    EXPECT_EQ("", world.output(1));
}

TEST(Attempt, a_box_that_died_between_steps_is_our_failure_too) {
    for (const Step& next : {Step(RunStep{.name = "next", .command = "echo reached"}),
                             Step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}})}) {
        World world;
        const std::string noted = world.files() + "/supervisor";
        world.box_made = [noted](testing::HostBox& made) {
            made.between_steps_ = [noted] {
                const pid_t supervisor = std::atoi(testing::read_text(noted).c_str());
                ASSERT_GT(supervisor, 1);
                ::kill(supervisor, SIGKILL);
                ASSERT_TRUE(testing::is_gone(supervisor));
            };
        };
        world.run("echo first; echo $PPID > " + noted).step(next).run("echo never").start();
        EXPECT_EQ("infrastructure_failed", world.how());
        EXPECT_EQ("first\n", world.output(0));
        EXPECT_EQ(StepStatus::infrastructure_fail, world.record(1).status);
        EXPECT_EQ("", world.output(2));
    }
}

TEST(Attempt, what_killed_processes_of_one_step_does_not_explain_the_failure_of_the_next) {
    World world;
    world.box_made = [](testing::HostBox& box) { box.trouble_ = "out of memory: the limit of 1 MB was reached"; };
    world.run("echo survived").run("exit 3").start();
    EXPECT_EQ("step 'exit 3' exited with code 3", world.told<Failed>().reason);
    EXPECT_THAT(world.output(1), Not(HasSubstr("out of memory")));
    World at_once;
    at_once.box_made = world.box_made;
    at_once.run("exit 3").start();
    EXPECT_THAT(at_once.told<Failed>().reason, HasSubstr("out of memory"));
}

TEST(AttemptDirectory, is_locked_while_its_agent_lives_and_swept_afterwards) {
    World world;
    auto living = AttemptDirectory::create(world.work(), "a-0-a1");
    ASSERT_TRUE(living.ok());
    ASSERT_TRUE(living->note_executor("docker").ok());
    EXPECT_FALSE(AttemptDirectory::create(world.work(), "a-0-a1").ok());
    EXPECT_TRUE(attempt_is_alive(world.work(), "a-0-a1"));
    const std::filesystem::path dead = world.work() + "/attempts/b-0-a1";
    std::filesystem::create_directories(dead / "box");
    std::filesystem::copy_file(world.work() + "/attempts/a-0-a1/executor.json", dead / "executor.json");
    EXPECT_FALSE(attempt_is_alive(world.work(), "b-0-a1"));
    std::vector<std::string> swept;
    Result<void> answer = unavailable("the engine does not answer yet");
    const auto sweep = [&](std::string_view executor, std::string_view name) {
        swept.push_back(std::string(executor) + " " + std::string(name));
        return answer;
    };
    sweep_attempts(world.work(), sweep);
    EXPECT_TRUE(std::filesystem::exists(dead)) << "there is no other note of what was left";
    answer = {};
    sweep_attempts(world.work(), sweep);
    EXPECT_FALSE(std::filesystem::exists(dead));
    EXPECT_THAT(swept, ElementsAre("docker b-0-a1", "docker b-0-a1"));
    EXPECT_TRUE(attempt_is_alive(world.work(), "a-0-a1"));
    for (const auto* wrong : {"", "..", "../x", "a/b", ".hidden"}) {
        EXPECT_FALSE(AttemptDirectory::create(world.work(), wrong).ok()) << wrong;
    }
}

TEST(AttemptDirectory, is_never_swept_while_it_is_made) {
    World world;
    std::atomic<bool> done = false;
    std::thread sweeper([&] {
        while (!done) sweep_attempts(world.work(), [](std::string_view, std::string_view) { return Result<void>{}; });
    });
    for (int i = 0; i < 200; ++i) {
        const auto made = AttemptDirectory::create(world.work(), "a-" + std::to_string(i));
        EXPECT_TRUE(made && std::filesystem::exists(made->scratch())) << i;
    }
    done = true;
    sweeper.join();
}

TEST(AttemptDirectory, without_a_box_is_removed_unasked) {
    World world;
    const std::filesystem::path dead = world.work() + "/attempts/b-0-a1";
    std::filesystem::create_directories(dead / "box");
    sweep_attempts(world.work(), [](std::string_view, std::string_view) { return unavailable("asked"); });
    EXPECT_FALSE(std::filesystem::exists(dead));
}

TEST(AttemptDirectory, to_be_kept_stays_locked_until_its_agent_ends) {
    World world;
    const pid_t agent = ::fork();
    if (agent == 0) {
        bool noted = false;
        if (auto directory = AttemptDirectory::create(world.work(), "a-0-a1")) {
            noted = directory->note_executor("docker").ok();
            directory->keep();
        }
        ::_exit(noted && attempt_is_alive(world.work(), "a-0-a1") ? 0 : 1);
    }
    int status = 1;
    ::waitpid(agent, &status, 0);
    EXPECT_EQ(0, status);
    int swept = 0;
    sweep_attempts(world.work(), [&](std::string_view, std::string_view) -> Result<void> {
        ++swept;
        return {};
    });
    EXPECT_EQ(1, swept);
    EXPECT_TRUE(std::filesystem::is_empty(world.work() + "/attempts"));
}

TEST(Attempt, keeps_its_directory_when_its_box_stays) {
    World gone;
    gone.run("true").start();
    EXPECT_TRUE(std::filesystem::is_empty(gone.work() + "/attempts"));
    for (const bool prepared : {true, false}) {
        World world;
        world.box_stays = true;
        if (!prepared) world.refusal = unavailable("the engine did not answer");
        world.run("true").start();
        EXPECT_TRUE(attempt_is_alive(world.work(), world.assignment.attempt.id().text)) << prepared;
    }
}

}  // namespace
}  // namespace gyre::agent
