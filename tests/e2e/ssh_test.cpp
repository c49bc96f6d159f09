// SSH into jobs: from a key to a shell, with the real programs and the real client.

#include <gtest/gtest.h>

#include "agent/ssh/guest_in_test.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class Ssh : public Story {
protected:
    void SetUp() override {
        if (!agent::testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
    }
    std::string gyre(std::vector<std::string> words, int code = 0) {
        const Finished done = server().gyre(std::move(words));
        EXPECT_EQ(done.exit_code, code) << done.out << done.err;
        return done.out + done.err;
    }
    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
    static std::string number_of(const Pipeline& pipeline, const std::string& job) {
        return std::to_string(number_at(pipeline.job(job), "job_number"));
    }
    // What --print says: "ssh -p PORT HOST".
    static int port_in(const std::string& command) {
        const auto at = command.find("ssh -p ");
        return at == std::string::npos ? 0 : std::atoi(command.c_str() + at + 7);
    }
    static std::string job(const std::string& command) {
        return "version: 2.1\njobs:\n  test:\n    docker: [{image: debian:12}]\n    steps:\n      - run: |\n         "
               " " +
               command + "\nworkflows:\n  all:\n    jobs: [test]\n";
    }

    agent::testing::Guest ann{"ann"};
};

TEST_F(Ssh, a_failed_job_runs_again_and_waits_for_who_asked) {
    start();
    config(job("echo broken; exit 3"));
    const Pipeline pipeline = push("broken");
    EXPECT_EQ(pipeline.wait().status(), "failed");
    EXPECT_TRUE(has(gyre({"ssh", "git/app", number_of(pipeline, "test")}, 2), "gyre key add"));
    EXPECT_TRUE(has(gyre({"key", "add", ann.key_file()}, 2), "private key"));
    EXPECT_TRUE(has(gyre({"key", "add", ann.key_file() + ".pub"}), ann.key().fingerprint));
    EXPECT_TRUE(has(gyre({"key", "list"}), ann.key().fingerprint));
    EXPECT_TRUE(has(gyre({"ssh", "git/app", number_of(pipeline, "test")}, 1), "run it again with SSH"));

    gyre({"rerun", pipeline.workflow(), "--job", "test", "--ssh"});
    eventually("the job waits for guests", [&] { return has(pipeline.outputs("test"), "The steps of the job have"); });
    EXPECT_TRUE(has(gyre({"jobs", pipeline.workflow()}), "with SSH"));
    const std::string command = gyre({"ssh", "git/app", number_of(pipeline, "test"), "--print"});
    EXPECT_TRUE(has(pipeline.output("test", "Enable SSH"), command.substr(0, command.find('\n')))) << command;
    const auto said = ann.does(port_in(command), "echo in $CIRCLE_JOB; exit 6");
    EXPECT_EQ(said.out, "in test\n") << said.err;
    EXPECT_EQ(said.exit_code, 6);
    EXPECT_EQ(agent::testing::Guest("mallory").does(port_in(command), "echo in").exit_code, 255);

    eventually("the login is in the audit log", [&] { return has(gyre({"audit"}), "workflow.job.ssh.logout"); });
    EXPECT_TRUE(has(gyre({"audit"}), ann.key().fingerprint));
    gyre({"cancel", pipeline.workflow()});
    EXPECT_EQ(pipeline.wait().status(), "canceled");
    expect_nothing_left();
}

TEST_F(Ssh, who_asks_while_a_job_runs_comes_in_and_a_restart_of_the_server_changes_nothing) {
    start();
    gyre({"key", "add", ann.key_file() + ".pub"});
    Gate gate;
    config(job(gate.command("test")));
    const Pipeline pipeline = push("slow");
    gate.wait();
    const int port = port_in(gyre({"ssh", "git/app", number_of(pipeline, "test"), "--print"}));
    EXPECT_EQ(ann.does(port, "echo in").out, "in\n");
    server().kill();
    EXPECT_EQ(ann.does(port, "echo still").out, "still\n");
    server().start();
    EXPECT_EQ(port_in(gyre({"ssh", "git/app", number_of(pipeline, "test"), "--print"})), port);
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_EQ(ann.does(port, "echo gone").exit_code, 255);
    expect_nothing_left();
}

}  // namespace
}  // namespace gyre::test
