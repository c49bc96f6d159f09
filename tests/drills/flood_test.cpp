// Eight tasks that print as fast as they can, twenty people who watch all of them, and one who watches and reads
// nothing: the others miss nothing, the API answers, and the one who slept has it all when he wakes.

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <map>
#include <memory>
#include <sstream>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr int tasks = 8;
constexpr int viewers = 20;
constexpr int lines = 30'000;        // of each task but the first
constexpr int more_lines = 700'000;  // of that: more bytes than lie in the buffers of a connection that nobody reads

int lines_of(int task) { return task == 0 ? more_lines : lines; }

class Flood : public Story {
protected:
    void start_and_reach_the_gates() {
        start({.flags = {"--cpus", "16", "--reserve-cpus", "0", "--memory-mb", "32768"}});
        config(
            "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n"
            "    parallelism: " +
            std::to_string(tasks) + "\n    steps:\n      - run: |\n          " + gate_.command() +
            "\n          seq 1 $((CIRCLE_NODE_INDEX == 0 ? " + std::to_string(more_lines) + " : " +
            std::to_string(lines) + "))\n");
        push("flood");
        for (int task = 0; task < tasks; ++task) gate_.wait();
    }
    std::unique_ptr<Program> watch(int viewer) {
        const auto number = std::to_string(number_at(newest().job("build"), "job_number"));
        return std::make_unique<Program>(
            ShortRun{.argv = {bin_directory() + "/gyre", "logs", "git/app", number, "-f"},
                     .home = directory(),
                     .directory = directory(),
                     .environment = {"GYRE_SERVER=" + server().url(), "GYRE_TOKEN=" + server().token()}},
            directory() + "/viewer-" + std::to_string(viewer));
    }
    // Each task's numbers came, in their order; "[3] 17" is the 17 of task 3.
    static void expect_everything(const std::string& seen) {
        std::map<int, int> last;
        std::istringstream text(seen);
        for (std::string line; std::getline(text, line);) {
            int task = 0, number = 0;
            char rest = 0;
            if (std::sscanf(line.c_str(), "[%d] %d%c", &task, &number, &rest) != 2) continue;
            ASSERT_EQ(number, ++last[task]) << "in task " << task;
        }
        EXPECT_EQ(last.size(), static_cast<std::size_t>(tasks));
        for (const auto& [task, number] : last) EXPECT_EQ(number, lines_of(task)) << "task " << task << " ends early";
    }

    Gate gate_;
};

TEST_F(Flood, of_output_reaches_every_viewer_though_one_reads_nothing) {
    start_and_reach_the_gates();
    const auto sleeper = watch(viewers);
    std::vector<std::unique_ptr<Program>> awake;
    for (int viewer = 0; viewer < viewers; ++viewer) awake.push_back(watch(viewer));
    eventually("the sleeper watches", [&] { return !sleeper->output().empty(); });
    sleeper->signal(SIGSTOP);
    EXPECT_EQ(gate_.open(), tasks);
    int answers = 0;
    eventually(
        "the job is over",
        [&] {
            answers += server().get("/api/v2/me").is_object() ? 1 : 0;
            return text_at(newest().job("build"), "status") == "success";
        },
        std::chrono::seconds(120));
    EXPECT_GT(answers, 0);
    for (const auto& viewer : awake) {
        EXPECT_EQ(viewer->wait(), 0);
        expect_everything(viewer->output());
    }
    EXPECT_FALSE(sleeper->ended());
    sleeper->signal(SIGCONT);
    EXPECT_EQ(sleeper->wait(), 0);
    expect_everything(sleeper->output());
    for (int task = 0; task < tasks; ++task) EXPECT_EQ(newest().attempts("build", task).size(), 1U) << task;
    expect_nothing_left();
}

}  // namespace
}  // namespace gyre::test
