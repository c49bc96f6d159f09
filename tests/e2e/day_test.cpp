// A team's day with the server: broken configs, cancel, approval, reruns, pushes with and without a hook.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

// One small docker job with these steps.
std::string job(const std::string& name, const std::string& steps) {
    return "  " + name +
           ":\n"
           "    docker: [{image: debian:12}]\n"
           "    resource_class: small\n"
           "    steps:\n" +
           steps;
}

std::string run_step(const std::string& command) { return "      - run: |\n          " + command + "\n"; }

std::string one_job(const std::string& steps) { return "version: 2\njobs:\n" + job("build", steps); }

TEST_F(Story, a_push_runs_the_config_of_that_commit) {
    start();
    config(one_job("      - checkout\n" + run_step("cat greeting.txt")));
    repository().write("greeting.txt", "good morning\n");
    push("say good morning").wait();
    expect_job("build").succeeded().printed("good morning");
    expect_job("build").printed("debian:12 is not used");
    expect_nothing_left();
}

TEST_F(Story, a_push_by_an_ordinary_user_runs_as_that_user) {
    ASSERT_NO_FATAL_FAILURE(start_as_ordinary_user());
    if (IsSkipped()) return;
    config(one_job("      - checkout\n" +
                   run_step("echo written > ~/mine; cat ~/mine; id -u; ls -A " + directory() + " || true")));
    push("look around").wait();
    expect_job("build").succeeded().printed("written");
    expect_job("build").printed(std::to_string(ordinary_user().uid));
    EXPECT_NE(::access((directory() + "/mine").c_str(), F_OK), 0) << "the job wrote to its user's own home";
    EXPECT_EQ(newest().outputs("build").find("server.log"), std::string::npos) << "the job sees the server's files";
    expect_nothing_left();
}

TEST_F(Story, a_job_without_isolation_runs_as_the_servers_user_says_so_and_leaves_nothing) {
    start({.user = ordinary_user(), .sandbox = "none"});
    EXPECT_NE(server().output().find("NOTICE: NO ISOLATION"), std::string::npos) << server().output();
    config(one_job("      - checkout\n" + run_step("echo written > ~/mine; pwd; id -u; setsid sleep 1000 &") +
                   "      - persist_to_workspace: {root: ., paths: [greeting.txt]}\n" +
                   "      - store_artifacts: {path: greeting.txt}\n" + run_step("cat greeting.txt ~/mine; exit 3")));
    repository().write("greeting.txt", "good morning\n");
    push("look around").wait();
    expect_job("build").failed().printed("NOTICE: NO ISOLATION");
    expect_job("build").printed("good morning\nwritten");
    expect_job("build").printed(std::to_string(ordinary_user().uid) + "\n");
    expect_job("build").printed(server().data() + "/agents/attempts/");
    expect_job("build").printed("debian:12 is not used");
    expect_nothing_left();
}

TEST_F(Story, jobs_without_isolation_are_refused_to_root) {
    if (::getuid() != 0) GTEST_SKIP() << "needs root, to be refused";
    try {
        start({.sandbox = "none"});
        FAIL() << server().output();
    } catch (const std::runtime_error&) {
        EXPECT_NE(server().output().find("ordinary user"), std::string::npos) << server().output();
    }
}

TEST_F(Story, a_broken_config_says_where_it_is_broken) {
    start();
    config("version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    stepps: [checkout]\n");
    const Pipeline broken = push("typo");
    EXPECT_EQ(text_at(broken.facts(), "state"), "errored");
    const std::string facts = json::serialize(broken.facts());
    EXPECT_NE(facts.find("stepps"), std::string::npos) << facts;
    EXPECT_NE(facts.find(":5:"), std::string::npos) << facts;
    const Finished waited = server().gyre({"trigger", "git/app", "--branch", "main", "--wait"});
    EXPECT_EQ(waited.exit_code, 1) << waited.out << waited.err;
    EXPECT_NE(waited.out.find("config.yml:5:"), std::string::npos) << waited.out << waited.err;
    EXPECT_NE(waited.out.find("steps"), std::string::npos) << waited.out;
}

TEST_F(Story, a_commit_without_a_config_makes_a_pipeline_that_says_so) {
    start();
    const Pipeline empty = push("nothing here");
    EXPECT_EQ(text_at(empty.facts(), "state"), "errored");
    EXPECT_NE(json::serialize(empty.facts()).find(".circleci/config.yml"), std::string::npos);
}

TEST_F(Story, a_canceled_workflow_stops_its_jobs_and_leaves_nothing) {
    start();
    Gate gate;
    config("version: 2\njobs:\n" + job("build", run_step("sleep 1000 & " + gate.command())) +
           job("deploy", run_step("echo must not run")) +
           "workflows:\n  version: 2\n  all:\n    jobs: [build, {deploy: {requires: [build]}}]\n");
    const Pipeline pipeline = push("wait for me");
    gate.wait();
    EXPECT_EQ(server().gyre({"cancel", pipeline.workflow()}).exit_code, 0);
    EXPECT_EQ(pipeline.wait().status(), "canceled");
    expect_job("build").is("canceled");
    EXPECT_NE(text_at(pipeline.job("deploy"), "status"), "success");
    expect_nothing_left();
}

TEST_F(Story, a_workflow_goes_on_when_somebody_approves) {
    start();
    config("version: 2\njobs:\n" + job("build", run_step("echo built")) + job("deploy", run_step("echo deployed")) +
           "workflows:\n  version: 2\n  release:\n    jobs:\n      - build\n"
           "      - hold: {type: approval, requires: [build]}\n      - deploy: {requires: [hold]}\n");
    const Pipeline pipeline = push("release");
    pipeline.wait_for("hold", "on_hold");
    EXPECT_EQ(pipeline.status(), "on_hold");
    const Finished approved = server().gyre({"approve", pipeline.workflow(), "hold"});
    EXPECT_EQ(approved.exit_code, 0) << approved.err;
    EXPECT_EQ(pipeline.wait().status(), "success");
    expect_job("deploy").succeeded().printed("deployed");
}

TEST_F(Story, a_rerun_from_failed_keeps_what_succeeded) {
    start();
    Gate gate;
    config("version: 2\njobs:\n" + job("build", run_step("echo built > built.txt")) +
           job("test", run_step(gate.command() + "; test \"$GATE\" = pass")) +
           "workflows:\n  version: 2\n  all:\n    jobs: [build, {test: {requires: [build]}}]\n");
    const Pipeline pipeline = push("flaky");
    gate.wait();
    gate.open("fail");
    EXPECT_EQ(pipeline.wait().status(), "failed");
    const std::string first = pipeline.workflow();
    const auto built = number_at(pipeline.job("build"), "job_number");
    const Finished rerun = server().gyre({"rerun", first, "--from-failed"});
    EXPECT_EQ(rerun.exit_code, 0) << rerun.err;
    gate.wait();
    gate.open("pass");
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_NE(pipeline.workflow(), first);
    expect_job("build").succeeded();
    EXPECT_EQ(number_at(pipeline.job("build"), "job_number"), built);
}

TEST_F(Story, polling_finds_pushes_that_no_hook_told_of) {
    start({.flags = {"--poll-interval-ms", "100"}});
    std::filesystem::create_directory(directory() + "/quiet");
    Repository quiet(directory() + "/quiet", current_user());
    quiet.write(".circleci/config.yml", one_job(run_step("echo polled")));
    quiet.push("before the project was known");
    const Finished added = server().gyre({"project", "add", "git/quiet", quiet.bare()});
    ASSERT_EQ(added.exit_code, 0) << added.err;
    const std::string revision = quiet.push("nobody tells");
    eventually("the poll makes a pipeline", [&] {
        return json::serialize(server().get("/api/v2/project/git%2Fquiet/pipeline")).find(revision) !=
               std::string::npos;
    });
}

TEST_F(Story, a_waiting_job_says_why_it_waits) {
    start({.flags = {"--cpus", "1"}});
    Gate gate;
    config("version: 2\njobs:\n" + job("first", run_step(gate.command())) + job("second", run_step(gate.command())) +
           "workflows:\n  version: 2\n  all:\n    jobs: [first, second]\n");
    const Pipeline pipeline = push("both at once");
    gate.wait();
    const auto waiting = json::serialize(server().get("/api/v2/gyre/queue"));
    EXPECT_NE(waiting.find("\"reason\""), std::string::npos) << waiting;
    EXPECT_NE(waiting.find("second"), std::string::npos) << waiting;
    gate.open();
    gate.wait();
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "success");
}

TEST_F(Story, every_endpoint_but_health_needs_a_token) {
    start();
    for (const char* open : {"/health-check", "/ready"})
        EXPECT_EQ(server().call({.target = open}, "").status, 200) << open;
    for (const char* closed : {"/api/v2/me", "/api/v2/pipeline", "/api/v2/projects", "/api/v2/gyre/queue",
                               "/api/v2/gyre/events", "/api/v1.1/project/git/app/1"}) {
        EXPECT_EQ(server().call({.target = closed}, "").status, 401) << closed;
        EXPECT_EQ(server().call({.target = closed}, "not-the-token").status, 401) << closed;
    }
    EXPECT_EQ(server().output().find(server().token()) == std::string::npos, false) << "the first start prints it";
    EXPECT_EQ(server().stop(), 0);
    server().start();
    EXPECT_EQ(server().output().find(server().token()), std::string::npos) << "only the first start prints the token";
}

}  // namespace
}  // namespace gyre::test
