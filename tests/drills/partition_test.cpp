// A partition between an agent and the server, shorter and longer than the lease, and its end: one result, and every
// byte of the log once.

#include "support/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "drill.h"
#include "support/eventually.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

class PartitionDrill : public Drill {
protected:
    ~PartitionDrill() override { partition_.reset(); }

    void server_started() override { partition_ = std::make_unique<Partition>(server().data() + "/agents.sock"); }
    Partition& partition() { return *partition_; }

    // The agent of the job that stands at the gate: it holds files that are named after the job.
    pid_t agent_of_the_job(const Pipeline& pipeline) {
        const std::string id = text_at(pipeline.job("talk"), "id");
        pid_t found = 0;
        for (const auto& process : descendants(server().process())) {
            if (process.program != "gyre-agent") continue;
            if (!files_held(process.id, id)) continue;
            found = process.id;
        }
        if (found == 0 || !partition().knows(found)) throw std::runtime_error("the job's agent is not to be seen");
        return found;
    }

    static bool runs(pid_t agent) {
        const auto all = descendants();
        return std::any_of(all.begin(), all.end(), [&](const auto& process) { return process.id == agent; });
    }

    void expect_whole(const Pipeline& pipeline) {
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        expect_all_steps_ended(pipeline);
        expect_nothing_left();
    }

private:
    // Does the process hold a file open whose path names it?
    static bool files_held(pid_t process, const std::string& name) {
        std::error_code failed;
        const auto folder = "/proc/" + std::to_string(process) + "/fd";
        for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
            if (std::filesystem::read_symlink(entry.path(), failed).string().find(name) != std::string::npos)
                return true;
        }
        return false;
    }

    std::unique_ptr<Partition> partition_;
};

class ShortPartition : public PartitionDrill {
protected:
    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        const auto moment =
            static_cast<Moment>(static_cast<int>(Moment::first_part) + static_cast<int>(choice.moment) % 3);
        go_to(pipeline, moment);
        const pid_t agent = agent_of_the_job(pipeline);
        partition().cut(agent);
        gate().open();
        if (moment != Moment::third_part) pass();  // the next part is reached without the server
        partition().heal();
        go_on(pipeline);
        EXPECT_THAT(pipeline.attempts("talk"), testing::SizeIs(1));
        EXPECT_EQ(visits, (std::map<std::string, int>{{"part-1", 1}, {"part-2", 1}, {"part-3", 1}}));
        expect_whole(pipeline);
    }
};

TEST_F(ShortPartition, changes_nothing_and_loses_no_byte) { run_rounds(3); }

class LongPartition : public PartitionDrill {
    void round(const Choice&) override {}
};

TEST_F(LongPartition, gives_the_task_to_one_other_attempt_and_refuses_what_arrives_late) {
    ASSERT_NO_FATAL_FAILURE(prepare());
    const Pipeline pipeline = trigger();
    go_to(pipeline, Moment::second_part);
    const pid_t lost = agent_of_the_job(pipeline);
    partition().cut(lost);
    gate().open();
    pass();  // it goes on and prints, and nobody hears it
    EXPECT_EQ(gate().wait(), "part-1") << "the first attempt visits no gate again";
    EXPECT_FALSE(runs(lost)) << "the other attempt began while the first could still act";
    partition().heal();
    eventually("what was held arrives", [&] { return !partition().late_answers().empty(); });
    go_on(pipeline);
    for (const int status : partition().late_answers()) EXPECT_EQ(status, 409);
    const auto attempts = pipeline.attempts("talk");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "infrastructure_failed") << json::serialize(attempts[0]);
    EXPECT_EQ(text_at(attempts[1], "outcome.kind"), "succeeded") << json::serialize(attempts[1]);
    expect_whole(pipeline);
}

}  // namespace
}  // namespace gyre::test
