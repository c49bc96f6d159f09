// Reading and changing from the command line, where that is more than one call of the API.

#include <gtest/gtest.h>

#include "support/database.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/gyre_doctor.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

std::string job_with(const std::string& steps, const std::string& more = "") {
    return "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n" + more +
           "    steps:\n" + steps;
}

// `gyre logs` of the job, beside the test; what it prints goes to a file.
std::unique_ptr<Program> follow(const Server& server, const std::string& directory, const Pipeline& pipeline,
                                const std::vector<std::string>& flags) {
    const auto number = std::to_string(number_at(pipeline.job("build"), "job_number"));
    std::string command = "exec " + bin_directory() + "/gyre logs git/app " + number + " -f";
    for (const auto& flag : flags) command += " " + flag;
    return std::make_unique<Program>(
        ShortRun{.argv = {"/bin/sh", "-c", command + " 2>logs.err"},
                 .home = directory,
                 .directory = directory,
                 .environment = {"GYRE_SERVER=" + server.url(), "GYRE_TOKEN=" + server.token()}},
        directory + "/logs.out");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Where two long texts part; empty: nowhere.
std::string difference(const std::string& a, const std::string& b) {
    if (a == b) return "";
    std::size_t at = 0;
    while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
    return "at byte " + std::to_string(at) + ": '" + a.substr(at, 100) + "' and '" + b.substr(at, 100) + "'";
}

TEST_F(Story, a_followed_log_goes_on_at_its_byte_when_the_server_comes_back) {
    start();
    Gate gate;
    config(job_with("      - run: |\n          seq 1 20000; printf 'half a line'\n          " + gate.command() +
                    "\n          seq 20001 40000\n      - run: echo the last step\n"));
    const Pipeline pipeline = push("talk");
    gate.wait();
    const auto log = follow(server(), directory(), pipeline, {"--raw"});
    eventually("the first half is shown", [&] { return has(log->output(), "half a line"); });
    server().kill();
    gate.open();
    server().start();
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_EQ(log->wait(), 0) << read_file(directory() + "/logs.err");
    EXPECT_EQ(log->output(), pipeline.outputs("build"));
}

TEST_F(Story, a_followed_log_marks_the_lines_of_parallel_tasks) {
    start();
    Gate gate;
    config(job_with("      - run: |\n          echo \"I am $CIRCLE_NODE_INDEX\"\n          " + gate.command() +
                        "\n          echo good bye\n      - run: {name: Not now, command: echo no, when: on_fail}\n",
                    "    parallelism: 2\n"));
    const Pipeline pipeline = push("both");
    gate.wait();
    const auto log = follow(server(), directory(), pipeline, {});
    eventually("both are heard before either ends",
               [&] { return has(log->output(), "[0] I am 0\n") && has(log->output(), "[1] I am 1\n"); });
    gate.wait();
    EXPECT_EQ(gate.open(), 2);
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_EQ(log->wait(), 0) << read_file(directory() + "/logs.err");
    for (const char* line : {"[0] good bye\n", "[1] good bye\n", "[0] -- Not now: skipped\n"})
        EXPECT_TRUE(has(log->output(), line)) << log->output();
    EXPECT_FALSE(has(log->output(), "== Not now"));
}

TEST_F(Story, a_log_whose_head_is_enough_ends_quietly) {
    start();
    config(job_with("      - run: seq 1 300000\n"));
    const Pipeline pipeline = push("talk").wait();
    const auto number = std::to_string(number_at(pipeline.job("build"), "job_number"));
    for (const std::string& command : {"logs git/app " + number, "logs --raw git/app " + number}) {
        const auto read = run_as(
            {.argv = {"/bin/bash", "-c", "set -o pipefail; " + bin_directory() + "/gyre " + command + " | head -n 3"},
             .home = directory(),
             .directory = directory(),
             .environment = {"GYRE_SERVER=" + server().url(), "GYRE_TOKEN=" + server().token()},
             .timeout = std::chrono::seconds(60)});
        EXPECT_EQ(read.err, "");
        EXPECT_EQ(std::ranges::count(read.out, '\n'), 3) << read.out;
        EXPECT_EQ(read.exit_code, 141) << "as of programs that SIGPIPE ends";
    }
}

// The number of a closed descriptor is the next one's: the connection to the server's, which would hear the log.
TEST_F(Story, a_log_for_a_closed_output_goes_nowhere_and_says_so) {
    start();
    config(job_with("      - run: echo a line\n"));
    const Pipeline pipeline = push("talk").wait();
    const auto number = std::to_string(number_at(pipeline.job("build"), "job_number"));
    const auto read =
        run_as({.argv = {"/bin/bash", "-c", bin_directory() + "/gyre logs git/app " + number + " <&- >&-"},
                .home = directory(),
                .directory = directory(),
                .environment = {"GYRE_SERVER=" + server().url(), "GYRE_TOKEN=" + server().token()},
                .timeout = std::chrono::seconds(60)});
    EXPECT_EQ(read.exit_code, 5) << read.err;
    EXPECT_TRUE(has(read.err, "cannot write to standard output: Bad file descriptor")) << read.err;
    for (const char* command : {"help >&- 2>&- <&-", "help 2>&- <&-", "logs git/nope 1 >&- 2>&-"}) {
        const auto mute = run_as({.argv = {"/bin/bash", "-c", bin_directory() + "/gyre " + command},
                                  .home = directory(),
                                  .directory = directory(),
                                  .timeout = std::chrono::seconds(60)});
        EXPECT_LT(mute.exit_code, 128) << command;
    }
}

TEST_F(Story, a_log_reads_the_same_once_it_is_sealed) {
    start({.flags = {"--seal-every-seconds", "0"}});
    config(
        job_with("      - run: {name: Talk, command: \"seq 1 300000; printf '\\\\033[31mno end\\\\r\\\\377'\"}\n"
                 "      - run: {name: More, command: echo more}\n"));
    const Pipeline pipeline = push("talk").wait();
    const auto number = std::to_string(number_at(pipeline.job("build"), "job_number"));
    const auto logs = [&](std::vector<std::string> flags) {
        flags.insert(flags.begin(), {"logs", "git/app", number});
        const Finished finished = server().gyre(flags);
        return finished.out + finished.err;
    };
    const auto all_ways = [&] {
        std::string text = pipeline.output("build", "Talk");
        for (const auto& flags : std::vector<std::vector<std::string>>{{},
                                                                       {"--raw"},
                                                                       {"-f"},
                                                                       {"--tail", "2"},
                                                                       {"--step", "102", "--raw"},
                                                                       {"--step", "101", "--line", "299999"},
                                                                       {"--step", "101", "--line", "300002"}})
            text += "\n---\n" + logs(flags);
        return text;
    };
    const auto before = all_ways();
    EXPECT_TRUE(has(before, "\n299999\n300000\n\033[31mno end\r\377")) << before.substr(before.size() - 500);
    EXPECT_TRUE(has(before, "There is no line 300002: the output has 300001 by now."));
    const auto raw_files = [&] { return files_named(server().data() + "/output", ".log").size(); };
    const auto raw = raw_files();
    EXPECT_GE(raw, 2U);
    ASSERT_EQ(server().stop(), 0);
    server().use_flags({"--seal-every-seconds", "1"});
    server().start();
    eventually("all output is sealed", [&] { return raw_files() == 0; });
    EXPECT_EQ(difference(all_ways(), before), "");
    EXPECT_EQ(logs({"--step", "101", "--line", "123456", "--lines", "2", "--raw"}), "123456\n123457\n");
    EXPECT_EQ(logs({"--tail", "1", "--raw", "--step", "102"}), "more\n");
    server().kill();
    server().start();
    EXPECT_EQ(difference(all_ways(), before), "");
    EXPECT_EQ(doctors_findings(server()), std::vector<std::string>());

    // And back, for an older version.
    ASSERT_EQ(server().stop(), 0);
    const auto offline = [&](std::vector<std::string> words) {
        words.insert(words.begin(), bin_directory() + "/gyre");
        words.insert(words.end(), {"--data-dir", server().data()});
        return run_as({.argv = words,
                       .home = directory(),
                       .directory = directory(),
                       .environment = database_environment(server().data())});
    };
    const Finished refused = offline({"database", "migrate", "--to", "13"});
    EXPECT_EQ(refused.exit_code, 1) << refused.out;
    EXPECT_TRUE(has(refused.err, "gyre outputs unseal")) << refused.err;
    const Finished unsealed = offline({"outputs", "unseal"});
    EXPECT_EQ(unsealed.exit_code, 0) << unsealed.err;
    EXPECT_EQ(raw_files(), raw);
    const Finished unasked = offline({"database", "migrate", "--to", "13"});
    EXPECT_EQ(unasked.exit_code, 2) << "what is dropped is told, and wants a yes";
    EXPECT_TRUE(has(unasked.err, "  installation: 1 rows")) << unasked.err;
    EXPECT_EQ(offline({"database", "migrate", "--to", "13", "--yes"}).exit_code, 0);
    const Finished stranger = offline({"server", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(stranger.exit_code, 1);
    EXPECT_TRUE(has(stranger.err, "gyre database adopt-objects")) << stranger.err;
    EXPECT_EQ(offline({"database", "adopt-objects"}).exit_code, 2) << "it wants a yes";
    const Finished adopted = offline({"database", "adopt-objects", "--yes"});
    EXPECT_EQ(adopted.exit_code, 0) << adopted.err;
    EXPECT_TRUE(has(adopted.out, "as before")) << adopted.out;
    server().use_flags({"--seal-every-seconds", "0"});
    server().start();
    EXPECT_EQ(difference(all_ways(), before), "");
}

TEST_F(Story, canceling_a_workflow_that_ended_says_so) {
    start();
    Gate gate;
    config(job_with("      - run: " + gate.command() + "\n"));
    const Pipeline done = push("done");
    gate.wait();
    gate.open();
    ASSERT_EQ(done.wait().status(), "success");
    const Finished late = server().gyre({"cancel", done.workflow()});
    EXPECT_EQ(late.exit_code, 1);
    EXPECT_TRUE(has(late.err, "had ended already: success")) << late.err;
    EXPECT_EQ(late.out, "");
    const Pipeline canceled = push("canceled");
    gate.wait();
    EXPECT_EQ(server().gyre({"cancel", canceled.workflow()}).exit_code, 0);
    ASSERT_EQ(canceled.wait().status(), "canceled");
    const Finished again = server().gyre({"cancel", canceled.workflow()});
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_TRUE(has(again.err, "had ended already: canceled")) << again.err;
}

}  // namespace
}  // namespace gyre::test
