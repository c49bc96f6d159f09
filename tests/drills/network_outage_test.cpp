// A server that is away for long, or cannot be reached, while a job prints more than is kept of it: the agent goes on,
// needs a bounded piece of disk, and delivers what it has; one that may have been replaced delivers nothing.
// $GYRE_DRILL_OUTAGE_S is how long, beyond what the job needs (default 0, and ten minutes in the long form).

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "drill.h"
#include "support/eventually.h"
#include "support/leftovers.h"
#include "support/partition.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::int64_t kept_of_a_step = 4 << 20;

class Outage : public Drill {
protected:
    ~Outage() override { partition_.reset(); }

    void round(const Choice&) override {}

    void start_and_print_undisturbed() {
        flags = {"--step-output-bytes", std::to_string(kept_of_a_step)};
        start_server();
        // Made once, so that both runs print the same: 12 MB, each line another.
        config(R"(version: 2.1
jobs:
  print:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run:
          name: Print
          no_output_timeout: 2h
          command: |
            echo first word
            )" +
               gate().command("before") +
               R"(
            seq 1000000 2500000
            )" +
               gate().command("after") +
               R"(
            echo last word
      - run: {name: Then, command: echo then}
workflows: {all: {jobs: [print]}}
)");
        const Pipeline first = push("print");
        for (int gates = 0; gates < 2; ++gates) {
            gate().wait();
            gate().open();
        }
        ASSERT_EQ(first.wait().status(), "success");
        undisturbed_ = first.output("print", "Print");
        ASSERT_LT(static_cast<std::int64_t>(undisturbed_.size()), 2 * kept_of_a_step);
        ASSERT_TRUE(undisturbed_.ends_with("last word\n"));
    }
    Pipeline go_to_the_first_gate() {
        const Pipeline pipeline(server(), text_at(server().post("/api/v2/project/git%2Fapp/pipeline"), "id"));
        EXPECT_EQ(gate().wait(), "before");
        return pipeline;
    }
    pid_t only_agent() {
        for (const auto& process : descendants(server().process())) {
            if (process.program == "gyre-agent") return process.id;
        }
        throw std::runtime_error("no agent is to be seen");
    }
    static bool runs(pid_t process) {
        const auto all = descendants();
        return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.id == process; });
    }
    // What the agent keeps on disk of its output: files without a name.
    std::int64_t spooled_by(pid_t agent) {
        std::int64_t bytes = 0;
        std::error_code failed;
        for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(agent) + "/fd", failed)) {
            const std::string target = fs::read_symlink(entry.path(), failed);
            if (!target.starts_with(server().data() + "/agents") || !target.ends_with(" (deleted)")) continue;
            struct stat facts {};
            if (::stat(entry.path().c_str(), &facts) == 0) bytes += facts.st_size;
        }
        return bytes;
    }
    static std::chrono::seconds outage() {
        if (const char* text = std::getenv("GYRE_DRILL_OUTAGE_S")) return std::chrono::seconds(std::atoi(text));
        return std::getenv("GYRE_DRILL_TIMES") ? 600s : 0s;
    }
    void stay_out(const std::function<void()>& look) const {
        const auto until = std::chrono::steady_clock::now() + outage();
        do {
            look();
            std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(outage(), 1s));
        } while (std::chrono::steady_clock::now() < until);
    }

    std::string undisturbed_;
    std::unique_ptr<Partition> partition_;
};

TEST_F(Outage, of_the_server_costs_a_bounded_piece_of_disk_and_no_byte) {
    ASSERT_NO_FATAL_FAILURE(start_and_print_undisturbed());
    const Pipeline pipeline = go_to_the_first_gate();
    const pid_t agent = only_agent();
    server().kill();
    gate().open();
    EXPECT_EQ(gate().wait(), "after");
    stay_out([&] {
        EXPECT_TRUE(runs(agent));
        EXPECT_GT(spooled_by(agent), kept_of_a_step / 4);
        EXPECT_LE(spooled_by(agent), kept_of_a_step);
    });
    gate().open();
    server().start();
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_THAT(pipeline.attempts("print"), testing::SizeIs(1));
    EXPECT_EQ(pipeline.output("print", "Print") == undisturbed_, true);
    EXPECT_EQ(pipeline.output("print", "Then"), "then\n");
    expect_nothing_left();
}

TEST_F(Outage, of_the_network_beyond_the_lease_lets_another_attempt_win_whatever_comes_later) {
    if (outage() == 0s) GTEST_SKIP() << "needs GYRE_DRILL_OUTAGE_S: LongPartition is its short form";
    ASSERT_NO_FATAL_FAILURE(start_and_print_undisturbed());
    partition_ = std::make_unique<Partition>(server().data() + "/agents.sock");
    const Pipeline pipeline = go_to_the_first_gate();
    const pid_t lost = only_agent();
    partition_->cut(lost);
    gate().open();
    EXPECT_EQ(gate().wait(), "after");
    EXPECT_EQ(gate().wait(), "before") << "another attempt begins";
    EXPECT_FALSE(runs(lost)) << "while the first could still act";
    gate().open();
    EXPECT_EQ(gate().wait(), "after");
    gate().open();
    EXPECT_EQ(pipeline.wait().status(), "success");
    stay_out([] {});
    partition_->heal();
    eventually("what was held arrives", [&] { return !partition_->late_answers().empty(); });
    for (const int status : partition_->late_answers()) EXPECT_TRUE(status == 409 || status == 401) << status;
    const auto attempts = pipeline.attempts("print");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "infrastructure_failed");
    EXPECT_EQ(text_at(attempts[1], "outcome.kind"), "succeeded");
    EXPECT_EQ(pipeline.output("print", "Print") == undisturbed_, true);
    EXPECT_EQ(pipeline.status(), "success");
    expect_nothing_left();
}

}  // namespace
}  // namespace gyre::test
