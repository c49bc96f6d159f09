// Disks that are full, or that fail: nothing is acknowledged that is not on them, people can still look, and when the
// disk is well again the server goes on by itself.

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "drill.h"
#include "support/disk_trouble.h"
#include "support/eventually.h"
#include "support/gyre_doctor.h"

namespace gyre::test {
namespace {

// New work that needs no agent: a pipeline that waits for somebody. Its config is long, so that a few of them fill what
// the database had set aside, and more.
std::string long_config() {
    std::string text = "version: 2.1\nworkflows:\n  waits:\n    jobs: [{somebody: {type: approval}}]\n";
    for (int line = 0; line < 2000; ++line)
        text += "# line " + std::to_string(line) + " of a config that is long, " + std::string(60, '.') + "\n";
    return text;
}

// PostgreSQL keeps the records on a disk of its own, which is not the one that fails here.
bool on_postgres() {
    const char* kind = std::getenv("GYRE_TEST_DATABASE");
    return kind != nullptr && std::string(kind) == "postgres";
}

class DiskDrill : public Drill {
protected:
    explicit DiskDrill(const std::string& program) : disk_(program, user) { environment = disk_.environment(); }

    void server_started() override {
        disk_.watch(server().data(), server().data() + "/agents");
        config(long_config());
        push("a config that waits", "waits");
    }
    DiskTrouble& disk() { return disk_; }

    // Asks for more work; its pipeline, or nothing when it was refused as it should.
    std::optional<Pipeline> ask_for_work() {
        http::Request request{.method = "POST",
                              .target = "/api/v2/project/git%2Fapp/pipeline",
                              .headers = {{"Content-Type", "application/json"}}};
        request.text = R"({"branch": "waits"})";
        const auto answer = server().call(std::move(request));
        if (answer.ok()) return Pipeline(server(), text_at(parse_json(answer.body).value(), "id"));
        EXPECT_TRUE(answer.status == 503 || answer.status == 507) << answer.status << " " << answer.body;
        EXPECT_FALSE(answer.header("retry-after").empty()) << answer.body;
        return std::nullopt;
    }
    Pipeline ask_for_work_again() {
        std::optional<Pipeline> made;
        eventually("new work is taken again", [&] { return (made = ask_for_work()).has_value(); });
        return *made;
    }
    // Until a request is refused; answers those that were accepted.
    std::vector<Pipeline> ask_until_refused(int most) {
        std::vector<Pipeline> accepted;
        for (int asked = 0; asked < most; ++asked) {
            auto made = ask_for_work();
            if (!made) return accepted;
            accepted.push_back(std::move(*made));
        }
        ADD_FAILURE() << most << " requests were accepted";
        return accepted;
    }
    void expect_kept(const std::vector<Pipeline>& accepted) {
        for (const auto& pipeline : accepted) {
            EXPECT_EQ(pipeline.status(), "on_hold") << pipeline.id();
            server().post("/api/v2/workflow/" + pipeline.workflow() + "/cancel");  // the next round has its own
        }
    }
    void expect_readable(const Pipeline& pipeline) {
        for (const std::string& target :
             {std::string("/"), "/api/v2/pipeline/" + pipeline.id(), "/api/v2/pipeline/" + pipeline.id() + "/workflow",
              std::string("/api/v2/project/git%2Fapp/pipeline")}) {
            const auto answer = server().call({.target = target});
            EXPECT_TRUE(answer.ok()) << target << ": " << answer.status << " " << answer.body;
        }
    }
    void expect_sound() {
        EXPECT_EQ(server().stop(), 0);
        EXPECT_THAT(doctors_findings(server()), testing::IsEmpty());
    }

private:
    DiskTrouble disk_;
};

class FullDisk : public DiskDrill {
protected:
    FullDisk() : DiskDrill("gyre") {}

    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        disk().strike(full_disk());
        if (is_at_a_gate(choice.moment)) gate().open();  // it goes on and prints
        const auto accepted = on_postgres() ? std::vector<Pipeline>() : ask_until_refused(100);
        expect_readable(pipeline);
        disk().heal();
        const auto more = ask_for_work_again();
        go_on(pipeline);
        expect_undisturbed(pipeline);
        expect_kept(accepted);
        expect_kept({more});
    }
};

TEST_F(FullDisk, refuses_new_work_and_goes_on_by_itself_when_there_is_room) {
    run_rounds(4);
    expect_sound();
}

class FullDiskAtCheckpoint : public FullDisk {
protected:
    void SetUp() override {
        if (on_postgres()) GTEST_SKIP() << "needs SQLite: its log is moved into the database by the server itself";
    }

    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        DiskFault fault = full_disk();
        fault.only = "*/gyre.db";
        disk().strike(fault);
        if (is_at_a_gate(choice.moment)) gate().open();
        std::vector<Pipeline> accepted;
        eventually("SQLite wants to move its log into the database", [&] {
            if (auto made = ask_for_work()) accepted.push_back(std::move(*made));
            return disk().failures() > 0;
        });
        expect_readable(pipeline);
        disk().heal();
        go_on(pipeline);
        expect_undisturbed(pipeline);
        expect_kept(accepted);
    }
};

TEST_F(FullDiskAtCheckpoint, costs_nothing) {
    run_rounds(2);
    expect_sound();
}

// What a power cut leaves is what the disk says that it has: the server is killed, and what was never synced, or whose
// sync failed, is taken from its files.
class FailingSyncs : public DiskDrill {
protected:
    FailingSyncs() : DiskDrill("gyre") {}
    void SetUp() override {
        if (on_postgres()) GTEST_SKIP() << "needs SQLite: PostgreSQL's own disk is PostgreSQL's own affair";
    }

    void round(const Choice& choice) override {
        disk().forget_past();
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        disk().strike({.syncs_fail_with = EIO, .every = 1 + (choice.seed - 1) % 200});
        if (is_at_a_gate(choice.moment)) gate().open();
        std::vector<Pipeline> accepted;
        eventually("a sync has failed", [&] {
            if (auto made = ask_for_work()) accepted.push_back(std::move(*made));
            return disk().failures() > 0;
        });
        expect_readable(pipeline);
        for (int times = 0; times < 3; ++times) {  // what comes after a failure is no less durable
            if (auto made = ask_for_work()) accepted.push_back(std::move(*made));
        }
        if (choice.goes_on_meanwhile) {
            server().kill();
            lost_files_ += disk().cut_power();
            disk().heal();
            server().start();
        }
        disk().heal();
        go_on(pipeline);
        expect_undisturbed(pipeline);
        expect_kept(accepted);
    }

    int lost_files_ = 0;
};

TEST_F(FailingSyncs, acknowledge_nothing_that_a_power_cut_takes) {
    run_rounds(6);
    expect_sound();
    RecordProperty("files_that_lost_something", lost_files_);
}

// Only what steps print cannot be stored: the database would take more work, and the server starts none.
class FailingOutput : public DiskDrill {
protected:
    FailingOutput() : DiskDrill("gyre") {}

    void round(const Choice&) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, Moment::first_part);
        disk().strike({.syncs_fail_with = EIO, .only = "*/output/*"});
        gate().open();
        eventually("a sync has failed", [&] { return disk().failures() > 0; });
        eventually("the server says that it is not well",
                   [&] { return server().call({.target = "/ready"}).status == 503; });
        const Pipeline other = Pipeline(server(), text_at(server().post("/api/v2/project/git%2Fapp/pipeline"), "id"));
        eventually("the other pipeline's jobs are there", [&] { return !other.jobs().empty(); });
        eventually("the dispatcher has looked at it",
                   [&] { return server().output().find("the disk failed, and fails still") != std::string::npos; });
        EXPECT_THAT(other.attempts("talk"), testing::IsEmpty()) << "it was started on a disk that fails";
        disk().heal();
        go_on(pipeline);
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        go_on(other);
        EXPECT_EQ(other.status(), "success");
        EXPECT_EQ(digests(other), undisturbed());
    }
};

TEST_F(FailingOutput, starts_no_job_until_the_disk_is_well) { run_rounds(1, 1); }

class FullDiskOfAgents : public DiskDrill {
protected:
    FullDiskOfAgents() : DiskDrill("gyre-agent") {}

    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        disk().strike(full_disk());
        gate().open();
        eventually("the job has ended, or was not touched", [&] {
            if (gate().somebody_waits()) pass();  // its output is lost, and it goes on
            const auto attempts = pipeline.attempts("talk");
            return (!attempts.empty() && !text_at(attempts[0], "outcome.kind").empty()) || !pipeline_runs(pipeline);
        });
        disk().heal();
        go_on(pipeline);
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        if (is_at_a_gate(choice.moment)) {
            EXPECT_GE(pipeline.attempts("talk").size(), 2U);
        }
        for (const auto& job : {"talk", "crowd", "hear"}) expect_disk_is_blamed(pipeline.attempts(job));
        expect_all_steps_ended(pipeline);
    }
    static bool pipeline_runs(const Pipeline& pipeline) {
        const auto status = pipeline.status();
        return status.empty() || status == "running" || status == "failing";
    }
    static void expect_disk_is_blamed(const std::vector<json::value>& attempts) {
        for (const auto& attempt : attempts) {
            if (text_at(attempt, "outcome.kind") != "infrastructure_failed") continue;
            EXPECT_THAT(text_at(attempt, "outcome.reason"), testing::HasSubstr("No space left on device"));
        }
    }
};

TEST_F(FullDiskOfAgents, fails_the_attempt_by_its_name_and_the_next_one_goes_well) { run_rounds(4); }

}  // namespace
}  // namespace gyre::test
