// What happens to workflows by itself, and what people change in them: retries, reruns, serial groups, auto-cancel,
// commits that ask for nothing.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

std::string job(const std::string& name, const std::string& command) {
    return "  " + name +
           ":\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n      - run: |\n" +
           "          " + command + "\n";
}

std::string config_of(const std::string& jobs, const std::string& workflow) {
    return "version: 2.1\njobs:\n" + jobs + "workflows:\n  all:\n" + workflow;
}

pid_t agent_at_work() {
    std::set<pid_t> parents;
    for (const auto& process : descendants()) parents.insert(process.parent);
    for (const auto& process : descendants())
        if (process.program == "gyre-agent" && parents.contains(process.id)) return process.id;
    return 0;
}

std::ptrdiff_t agents() { return std::ranges::count(descendants(), "gyre-agent", &RunningProcess::program); }

class Workflows : public Story {
protected:
    std::string listed(const std::string& command, const std::string& id) {
        const Finished list = server().gyre({command, id});
        EXPECT_EQ(list.exit_code, 0) << list.err;
        return list.out;
    }
    std::string waiting() { return json::serialize(server().get("/api/v2/gyre/queue")); }
};

TEST_F(Workflows, a_job_whose_agent_died_says_why_it_was_retried) {
    start();
    Gate gate;
    config(config_of(job("build", gate.command()), "    jobs: [build]\n"));
    const Pipeline pipeline = push("unlucky");
    gate.wait();
    const pid_t agent = agent_at_work();
    ASSERT_GT(agent, 0);
    ::kill(agent, SIGKILL);
    gate.wait();
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "success");
    const auto attempts = pipeline.attempts("build");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(text_at(attempts[1], "retried_after"), "the agent process ended");
    const auto shown = listed("jobs", pipeline.workflow());
    EXPECT_NE(shown.find("retried after: the agent process ended"), std::string::npos) << shown;
}

// Each start once added an agent that waited, and its container: those of earlier servers were not counted.
TEST_F(Workflows, run_by_no_more_agents_than_wanted_after_a_server_was_killed_again_and_again) {
    start();
    config(config_of(job("build", "true"), "    jobs: [build]\n"));
    push("first").wait();
    eventually("one agent waits", [] { return agents() == 1; });
    for (int round = 0; round < 3; ++round) {
        server().kill();
        server().start();
        EXPECT_EQ(push("next").wait().status(), "success");
    }
    eventually("one agent waits as before", [] { return agents() == 1; });
}

// A server that did not launch the agent saw its death only when its lease was over.
TEST_F(Workflows, a_job_whose_agent_died_is_retried_also_by_a_server_that_did_not_launch_it) {
    start();
    Gate gate;
    config(config_of(job("build", gate.command() + "\n          echo back again\n          " + gate.command()),
                     "    jobs: [build]\n"));
    const Pipeline pipeline = push("unlucky");
    gate.wait();
    server().kill();
    server().start();
    gate.open();
    gate.wait();
    eventually("the agent is heard", [&] { return pipeline.outputs("build").find("back again") != std::string::npos; });
    const pid_t agent = agent_at_work();
    ASSERT_GT(agent, 0);
    ::kill(agent, SIGKILL);
    for (int half = 0; half < 2; ++half) {
        gate.wait();
        gate.open();
    }
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_EQ(text_at(pipeline.attempts("build").at(1), "retried_after"), "the agent process ended");
}

TEST_F(Workflows, a_failed_workflow_runs_again_by_itself) {
    start();
    Gate gate;
    config(config_of(job("build", "echo built") + job("test", gate.command() + "; test \"$GATE\" = pass"),
                     "    max_auto_reruns: 2\n    jobs: [build, {test: {requires: [build]}}]\n"));
    const Pipeline pipeline = push("flaky");
    gate.wait();
    gate.open("fail");
    gate.wait();
    EXPECT_EQ(pipeline.workflows().size(), 2U);
    gate.open("pass");
    EXPECT_EQ(pipeline.wait().status(), "success");
    const auto shown = listed("workflows", pipeline.id());
    EXPECT_NE(shown.find("rerun 1 of 2, by itself"), std::string::npos) << shown;
    EXPECT_EQ(pipeline.workflows().size(), 2U);
}

TEST_F(Workflows, one_job_runs_again_with_what_depends_on_it) {
    start();
    config(config_of(job("build", "echo built") + job("test", "echo tested") + job("lint", "echo linted"),
                     "    jobs: [build, lint, {test: {requires: [build]}}]\n"));
    const Pipeline pipeline = push("fine");
    EXPECT_EQ(pipeline.wait().status(), "success");
    const auto linted = number_at(pipeline.job("lint"), "job_number");
    const auto built = number_at(pipeline.job("build"), "job_number");
    const Finished wrong = server().gyre({"rerun", pipeline.workflow(), "--job", "biuld"});
    EXPECT_NE(wrong.exit_code, 0);
    EXPECT_NE(wrong.err.find("build, lint, test"), std::string::npos) << wrong.err;
    const Finished rerun = server().gyre({"rerun", pipeline.workflow(), "--job", "build"});
    EXPECT_EQ(rerun.exit_code, 0) << rerun.err;
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_EQ(number_at(pipeline.job("lint"), "job_number"), linted);
    EXPECT_GT(number_at(pipeline.job("build"), "job_number"), built);
}

TEST_F(Workflows, jobs_of_a_serial_group_run_one_at_a_time_in_the_order_of_their_pipelines) {
    start();
    Gate gate;
    config(config_of(job("ship", gate.command()), "    jobs: [{ship: {serial-group: deploy}}]\n"));
    const Pipeline first = push("first");
    gate.wait();
    const Pipeline second = push("second");
    eventually("the second says what it waits for",
               [&] { return waiting().find("serial group 'deploy'") != std::string::npos; });
    EXPECT_NE(waiting().find("held by job 'ship' of pipeline 1 of git/app"), std::string::npos) << waiting();
    EXPECT_EQ(text_at(second.job("ship"), "status"), "queued");
    gate.open();
    gate.wait();
    EXPECT_EQ(first.wait().status(), "success");
    gate.open();
    EXPECT_EQ(second.wait().status(), "success");
}

TEST_F(Workflows, a_newer_push_of_a_branch_cancels_the_older_run_where_the_project_says_so) {
    start();
    const Finished set = server().gyre({"project", "set", "git/app", "--auto-cancel", "on"});
    ASSERT_EQ(set.exit_code, 0) << set.err;
    Gate gate;
    config(config_of(job("build", gate.command()), "    jobs: [build]\n"));
    const Pipeline on_main = push("on main");
    gate.wait();
    const Pipeline older = push("older", "topic");
    gate.wait();
    const Pipeline newer = push("newer", "topic");
    EXPECT_EQ(older.wait().status(), "canceled");
    EXPECT_NE(listed("workflows", older.id()).find("canceled by auto-cancel (pipeline 3 is newer)"), std::string::npos);
    gate.wait();
    gate.open();
    EXPECT_EQ(newer.wait().status(), "success");
    EXPECT_EQ(on_main.wait().status(), "success");
}

TEST_F(Workflows, a_commit_can_ask_for_nothing) {
    start();
    config(config_of(job("build", "echo built"), "    jobs: [build]\n"));
    const Pipeline skipped = push("Fix a typo [skip ci]");
    EXPECT_TRUE(skipped.workflows().empty());
    EXPECT_EQ(text_at(skipped.facts(), "state"), "created");
    EXPECT_NE(text_at(skipped.facts(), "note").find("[skip ci]"), std::string::npos);
    const Finished asked = server().gyre({"trigger", "git/app", "--branch", "main", "--wait"});
    EXPECT_EQ(asked.exit_code, 0) << asked.out << asked.err;
    EXPECT_EQ(newest().status(), "success");
}

TEST_F(Workflows, a_pipeline_is_canceled_with_all_its_workflows) {
    start();
    Gate gate;
    config("version: 2.1\njobs:\n" + job("build", gate.command()) +
           "workflows:\n  one: {jobs: [build]}\n  two: {jobs: [{hold: {type: approval}}]}\n");
    const Pipeline pipeline = push("never mind");
    gate.wait();
    for (int times = 0; times < 2; ++times)
        EXPECT_EQ(server().gyre({"cancel", "--pipeline", pipeline.id()}).exit_code, 0);
    for (const auto& workflow : pipeline.workflows()) EXPECT_EQ(text_at(workflow, "status"), "canceled");
    expect_nothing_left(pipeline);
}

}  // namespace
}  // namespace gyre::test
