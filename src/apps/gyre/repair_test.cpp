// What cannot be in records is planted there, found, mended, and not found again; on both databases.

#include "apps/gyre/repair.h"

#include <gtest/gtest.h>

#include "adapters/postgres/stores.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/examine.h"
#include "apps/gyre/raw_database.h"
#include "ports/contract/examples.h"
#include "ports/contract/postgres_server.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

using contract::PostgresServer;

struct OnSqlite {
    ServerSettings settings() const { return {}; }
    std::string file() const { return (folder.path() / "gyre.db").string(); }
    contract::TempFolder folder;
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(file()).value();
    sql::Stores& stores = *owned;
};

// One server for all; where PostgreSQL is not installed nothing but SQLite, and the tests are skipped.
PostgresServer* postgres_server() {
    static const auto server = PostgresServer::present() ? std::make_unique<PostgresServer>() : nullptr;
    return server.get();
}
struct OnPostgres {
    ServerSettings settings() const {
        ServerSettings settings;
        settings.database = url;
        return settings;
    }
    std::string file() const { return (folder.path() / "unused.db").string(); }
    contract::TempFolder folder;
    std::string url = postgres_server() ? postgres_server()->new_database() : "";
    std::unique_ptr<sql::Stores> owned = url.empty() ? sqlite::open_sqlite(file()).value()
                                                     : postgres::open_postgres({url, "the test's database"}).value();
    sql::Stores& stores = *owned;
};

template <typename World>
class Repairs : public contract::StoresContract<World> {
protected:
    void SetUp() override {
        if (std::is_same_v<World, OnPostgres> && !postgres_server())
            GTEST_SKIP() << "needs initdb: install the package postgresql";
        database_ = open_raw_database(this->world_.settings(), this->world_.file(), RawAccess::write).value();
    }
    void plant(const std::string& sql) {
        const auto planted = database_->script(sql);
        ASSERT_TRUE(planted.ok()) << planted.error().message;
    }
    std::set<std::string> rules() {
        std::set<std::string> found;
        const auto transaction = RawTransaction::begin(*database_, RawAccess::read).value();
        const auto findings = examine_records(*database_);
        EXPECT_TRUE(findings.ok()) << findings.error().message;
        for (const auto& finding : findings.value_or({})) found.insert(finding.rule);
        return found;
    }
    std::vector<std::string> repair() {
        auto transaction = RawTransaction::begin(*database_, RawAccess::write).value();
        const auto done = repair_records(*database_);
        EXPECT_TRUE(done.ok()) << done.error().message;
        EXPECT_TRUE(transaction.commit().ok());
        return done.value_or({});
    }
    void expect_repaired() {
        EXPECT_FALSE(rules().empty()) << "nothing was wrong";
        EXPECT_FALSE(repair().empty());
        EXPECT_EQ(rules(), std::set<std::string>());
        EXPECT_EQ(repair(), std::vector<std::string>()) << "again";
    }
    std::int64_t count(const std::string& what) {
        return database_->value<std::int64_t>("SELECT COUNT(*) FROM " + what).value().value_or(-1);
    }

    // build of two tasks, which succeeded.
    Workflow finished() {
        Workflow workflow = this->make_workflow({"build"});
        auto& job = workflow.jobs[0];
        for (int task = 0; task < 2; ++task) {
            this->place(workflow, 0, task);
            this->claim(workflow, 0, task);
            auto& mine = job.tasks[static_cast<std::size_t>(task)];
            mine.attempts[0].token_hash[0] = task == 0 ? 'a' : 'b';
            this->finish_attempt(workflow, 0, task, Succeeded{});
            mine.status = TaskStatus::finished;
        }
        job.status = JobStatus::success;
        job.started_at = contract::at(200);
        job.stopped_at = contract::at(400);
        this->end(workflow, WorkflowStatus::success);
        EXPECT_EQ(this->store(workflow, {0}), Committed::stored);
        return workflow;
    }

    std::unique_ptr<sql::Database> database_;
};

using Worlds = testing::Types<OnSqlite, OnPostgres>;
TYPED_TEST_SUITE(Repairs, Worlds);

TYPED_TEST(Repairs, do_nothing_where_nothing_is_wrong) {
    this->finished();
    this->make_workflow(this->make_pipeline(this->make_project("git/other")), {"a", "b"});
    EXPECT_EQ(this->rules(), std::set<std::string>());
    EXPECT_EQ(this->repair(), std::vector<std::string>());
    EXPECT_EQ(this->count("queue"), 4);
}

TYPED_TEST(Repairs, end_a_job_whose_tasks_have_ended_and_leave_its_workflow_ended) {
    const auto workflow = this->finished();
    this->plant("UPDATE jobs SET status = 'running', stopped_at = NULL");
    this->expect_repaired();
    const auto is = this->load(workflow.id);
    EXPECT_EQ(is.status, WorkflowStatus::success);
    EXPECT_EQ(is.stopped_at, workflow.stopped_at);
    EXPECT_EQ(is.jobs[0].status, JobStatus::success);
    EXPECT_EQ(is.jobs[0].stopped_at, contract::at(300)) << "when its last task ended";
}

TYPED_TEST(Repairs, end_a_workflow_with_its_jobs) {
    const auto workflow = this->finished();
    this->plant(
        "UPDATE jobs SET status = 'running', stopped_at = NULL;"
        " UPDATE workflows SET status = 'running', stopped_at = NULL");
    this->expect_repaired();
    EXPECT_EQ(this->load(workflow.id).status, WorkflowStatus::success);
}

TYPED_TEST(Repairs, end_a_task_that_is_queued_below_a_job_that_ended) {
    const auto workflow = this->finished();
    this->plant(
        "UPDATE tasks SET status = 'queued', queued_at = 1 WHERE task_index = 1;"
        " INSERT INTO queue (job_id, task_index, queued_at, position)"
        " SELECT job_id, task_index, 1, position FROM tasks WHERE task_index = 1");
    this->expect_repaired();
    const auto is = this->load(workflow.id);
    EXPECT_EQ(is.status, WorkflowStatus::success);
    EXPECT_EQ(is.jobs[0].tasks[1].status, TaskStatus::finished);
    EXPECT_EQ(this->count("queue"), 0);
}

TYPED_TEST(Repairs, end_an_attempt_that_runs_below_a_job_that_ended) {
    const auto workflow = this->finished();
    this->plant("UPDATE attempts SET state = 'running', outcome_json = NULL, stopped_at = NULL WHERE task_index = 1");
    this->expect_repaired();
    EXPECT_EQ(this->load(workflow.id).jobs[0].tasks[1].attempts[0].outcome, Outcome(Succeeded{}));
}

TYPED_TEST(Repairs, take_rows_from_the_queue_for_which_no_task_waits) {
    this->finished();
    this->plant(
        "INSERT INTO queue (job_id, task_index, queued_at, position)"
        " SELECT job_id, task_index, 1, position FROM tasks WHERE task_index = 0");
    EXPECT_EQ(this->rules(), (std::set<std::string>{"queued-for-nothing"}));
    this->expect_repaired();
    EXPECT_EQ(this->count("queue"), 0);
}

TYPED_TEST(Repairs, put_tasks_into_the_queue_that_wait_for_their_turn_and_were_not_in_it) {
    this->make_workflow({"build"});
    this->plant("DELETE FROM queue WHERE task_index = 1");
    EXPECT_EQ(this->rules(), (std::set<std::string>{"waits-unqueued"}));
    this->expect_repaired();
    EXPECT_EQ(this->count("queue"), 2);
}

TYPED_TEST(Repairs, cancel_what_is_open_in_a_workflow_that_ended) {
    const auto workflow = this->make_workflow({"build"});
    this->plant("UPDATE workflows SET status = 'success', stopped_at = 1800000000000");
    this->expect_repaired();
    const auto is = this->load(workflow.id);
    EXPECT_EQ(is.status, WorkflowStatus::canceled);
    EXPECT_EQ(is.jobs[0].canceled_by, "gyre doctor");
    EXPECT_EQ(this->count("queue"), 0);
}

TYPED_TEST(Repairs, free_a_serial_group_that_nobody_holds) {
    const auto workflow = this->finished();
    this->plant(
        "INSERT INTO serial_holds (serial_group, holder, workflow_id, job_id) SELECT 'git:deploys', id,"
        " workflow_id, id FROM jobs");
    EXPECT_EQ(this->rules(), (std::set<std::string>{"held-by-nobody"}));
    this->expect_repaired();
    EXPECT_EQ(this->count("serial_holds"), 0);
}

TYPED_TEST(Repairs, leave_a_canceled_job_whose_agent_is_still_stopping) {
    Workflow workflow = this->make_workflow({"build"});
    this->place(workflow, 0, 0);
    this->claim(workflow, 0, 0);
    auto& job = workflow.jobs[0];
    job.status = JobStatus::canceled;
    job.canceled_by = "ann";
    job.stopped_at = contract::at(400);
    for (auto& task : job.tasks) task.status = TaskStatus::finished;
    this->end(workflow, WorkflowStatus::canceled);
    ASSERT_EQ(this->store(workflow, {0}), Committed::stored);
    EXPECT_EQ(this->rules(), std::set<std::string>());
    EXPECT_EQ(this->repair(), std::vector<std::string>());
}

TYPED_TEST(Repairs, are_told_in_the_log_of_events) {
    this->finished();
    this->plant("UPDATE jobs SET status = 'running', stopped_at = NULL");
    const auto done = this->repair();
    EXPECT_EQ(this->count("events WHERE kind = 'doctor'"), std::ssize(done));
}

}  // namespace
}  // namespace gyre::apps
