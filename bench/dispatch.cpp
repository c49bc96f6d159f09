// Rounds of dispatch for dispatch.py: one round each call, its seconds (and what else is asked) on standard output.
//
//   bench_dispatch place DATABASE TASKS     tasks placed by the dispatcher, durably; jobs come in workflows of 20
//   bench_dispatch run DATABASE JOBS        one workflow of so many jobs, each placed, claimed and finished by agents
//                                           that do nothing (4 threads)
//   bench_dispatch claims FILE TASKS        the peer of `place`: a bare queue in SQLite, one durable claim after
//   another bench_dispatch ends FILE TASKS          the peer of `run`: claim and finish, each durable bench_dispatch
//   depth DATABASE TASKS     one task's way into and out of a machine while TASKS wait: medians of 200
//
// DATABASE is a new file (SQLite), or a URL of an empty database of PostgreSQL.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/memory/live.h"
#include "adapters/postgres/stores.h"
#include "adapters/sqlite/stores.h"
#include "conductor/conductor.h"
#include "dispatch/dispatcher.h"
#include "workflow/start.h"

namespace {

using namespace gyre;
using Steady = std::chrono::steady_clock;

template <typename T>
T must(Result<T> result) {
    if (!result) {
        fmt::print(stderr, "bench_dispatch: {}\n", result.error().message);
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

double seconds_since(Steady::time_point began) { return std::chrono::duration<double>(Steady::now() - began).count(); }

struct NoGit final : GitRemote {
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote&) override {
        return not_found("no remote");
    }
    Result<CommitFiles> read_config(const ProjectRemote&, const std::string&, const std::string&) override {
        return not_found("no remote");
    }
};

struct NoAgents final : Launcher {
    Result<void> ensure_waiting(int) override { return {}; }
    bool took(std::int64_t, const std::string&) override { return true; }
    void on_death(std::function<void(const std::string&)>) override {}
    void kill(const std::string&) override {}
};

// What is on offer, for agents that are threads of this program.
class OfferedTasks final : public Offers {
public:
    void offer(const AttemptRef& attempt) override {
        const std::lock_guard lock(mutex_);
        if (!known_.insert(attempt).second) return;
        waiting_.push_back(attempt);
        changed_.notify_one();
    }
    void withdraw(const AttemptRef&) override {}
    int waiting() const override {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(waiting_.size());
    }
    std::optional<AttemptRef> take() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return std::nullopt;
        auto attempt = std::move(waiting_.front());
        waiting_.pop_front();
        return attempt;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<AttemptRef> waiting_;
    std::set<AttemptRef> known_;
    bool closed_ = false;
};

struct Bell final : DispatchBell {
    void ring() override {
        if (dispatcher) dispatcher->ring();
    }
    dispatch::Dispatcher* dispatcher = nullptr;
};

std::unique_ptr<sql::Stores> open_database(const std::string& database) {
    if (database.find("://") == std::string::npos) return must(sqlite::open_sqlite(database));
    return must(postgres::open_postgres(must(postgres::read_target(database))));
}

// A server's inner loops on a real database, with room for any number of tasks unless told otherwise.
struct Server {
    explicit Server(const std::string& database, Resources room = {2'000'000'000, 1'000'000'000})
        : stores(open_database(database)), dispatcher(ports(), {.client = "bench", .offered = room, .warm_agents = 0}) {
        bell.dispatcher = &dispatcher;
        must(stores->project_store().add({.id = {"p"}, .slug = "git/bench", .remote = "/srv/bench.git"}));
    }
    dispatch::DispatchPorts ports() {
        return {.queue = stores->task_queue(),
                .front_door = conductor,
                .offers = offers,
                .launcher = launcher,
                .clock = clock,
                .rules = &stores->queue_rules()};
    }

    std::unique_ptr<sql::Stores> stores;
    SystemClock clock;
    memory::MemoryLive live;
    NoGit git;
    NoAgents launcher;
    OfferedTasks offers;
    Bell bell;
    conductor::Conductor conductor{{stores->workflow_store(), stores->project_store(), git, live, clock, bell, [] {}}};
    dispatch::Dispatcher dispatcher;
};

// A pipeline of one workflow whose jobs wait for nothing, stored as the conductor would.
void add_workflow(Server& server, int jobs) {
    static int made = 0;
    const std::string id = fmt::format("{:08}", made++);
    Pipeline pipeline{.id = {"pipeline-" + id}, .project = {"p"}, .number = made};
    pipeline.trigger = {.id = {"t" + id}, .project = {"p"}, .branch = "main", .revision = std::string(40, 'a')};
    auto& planned = pipeline.plan.workflows.emplace_back();
    planned.name = "main";
    pipeline.plan.jobs.push_back({.name = "build", .executor = MachineExecutor{}, .resource_class = "medium"});
    std::vector<JobId> ids;
    for (int i = 0; i < jobs; ++i) {
        planned.jobs.push_back({.name = fmt::format("job{}", i), .spec = 0});
        ids.push_back({fmt::format("job-{}-{:06}", id, i)});
    }
    const Timestamp now = server.clock.now();
    Workflow started = workflow::start(pipeline.plan, planned,
                                       {.id = {"workflow-" + id},
                                        .pipeline = pipeline.id,
                                        .project = pipeline.project,
                                        .project_slug = "git/bench",
                                        .started_by = "ada",
                                        .at = now,
                                        .job_ids = ids,
                                        .first_number = made * 100'000L});
    pipeline.created_at = now;
    Commit commit{.event = {"trigger:" + id}, .kind = "trigger", .at = now};
    commit.pipeline = std::move(pipeline);
    commit.workflows.push_back(std::move(started));
    commit.durable = Durable::with_the_next;
    must(server.stores->workflow_store().commit(commit));
}

void place(const std::string& database, int tasks) {
    Server server(database);
    constexpr int of_workflow = 20;
    for (int made = 0; made < tasks; made += of_workflow) add_workflow(server, of_workflow);
    const auto began = Steady::now();
    while (server.offers.waiting() < tasks) must(server.dispatcher.round());
    fmt::print("{:.6f}\n", seconds_since(began));
}

void run(const std::string& database, int jobs) {
    Server server(database);
    add_workflow(server, jobs);
    const auto began = Steady::now();
    server.dispatcher.start();
    std::atomic<int> left = jobs;
    const auto work = [&] {
        while (const auto attempt = server.offers.take()) {
            must(server.conductor.handle(TaskClaimed{*attempt, std::string(64, 'c')}));
            must(server.conductor.handle(TaskFinished{*attempt, Succeeded{}}));
            if (--left == 0) server.offers.close();
        }
    };
    std::vector<std::thread> agents;
    for (int i = 0; i < 4; ++i) agents.emplace_back(work);
    for (auto& agent : agents) agent.join();
    const double seconds = seconds_since(began);
    server.dispatcher.stop();
    const auto open = must(server.stores->workflow_store().unfinished());
    if (!open.empty()) must(Result<void>(invalid("a workflow is not over")));
    fmt::print("{:.6f}\n", seconds);
}

std::int64_t memory_kb(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::int64_t kb = 0;
        if (word == key && status >> kb) return kb;
    }
    return 0;
}

// One machine for one task, which is always busy: what ends makes room for the next.
void depth(const std::string& database, int tasks) {
    Server server(database, must(Result<Resources>(find_resources(ExecutorKind::machine, "medium").value())));
    constexpr int of_workflow = 100;
    constexpr int rounds = 200;
    const auto filling = Steady::now();
    for (int made = 0; made < std::max(tasks, rounds + 2); made += of_workflow) add_workflow(server, of_workflow);
    const double filled = seconds_since(filling);
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        const auto began = Steady::now();
        must(server.dispatcher.round());
        const auto attempt = server.offers.take();
        times.push_back(seconds_since(began));
        must(server.conductor.handle(TaskClaimed{*attempt, std::string(64, 'c')}));
        must(server.conductor.handle(TaskFinished{*attempt, Succeeded{}}));
    }
    std::ranges::sort(times);
    fmt::print("{:.6f} {:.6f} {} {:.1f}\n", times[rounds / 2], times[rounds * 99 / 100], memory_kb("VmHWM:"), filled);
}

// A queue as simple as can be: the work that no dispatcher can do without.
class BareQueue {
public:
    BareQueue(const std::string& path, int tasks) {
        check(sqlite3_open(path.c_str(), &db_));
        script(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE queue (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, client TEXT);"
            "CREATE INDEX waiting ON queue (state, id);");
        script(
            fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
                        " queue SELECT i, 0, NULL FROM n;",
                        tasks));
    }
    ~BareQueue() {
        for (auto* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }
    void prepare(const char* sql) { check(sqlite3_prepare_v2(db_, sql, -1, &statements_.emplace_back(), nullptr)); }
    void run_each() {
        for (auto* statement : statements_) {
            while (sqlite3_step(statement) == SQLITE_ROW) continue;
            check(sqlite3_reset(statement));
        }
    }

private:
    void script(const std::string& sql) { check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)); }
    void check(int code) const {
        if (code != SQLITE_OK) must(Result<void>(unavailable(sqlite3_errmsg(db_))));
    }
    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
};

constexpr const char* claim =
    "UPDATE queue SET state = 1, client = 'bench' WHERE id ="
    " (SELECT id FROM queue WHERE state = 0 ORDER BY id LIMIT 1) RETURNING id";
constexpr const char* finish = "UPDATE queue SET state = 2 WHERE id = (SELECT id FROM queue WHERE state = 1 LIMIT 1)";

void bare(const std::string& path, int tasks, bool ends) {
    BareQueue queue(path, tasks);
    queue.prepare(claim);
    if (ends) queue.prepare(finish);
    const auto began = Steady::now();
    for (int i = 0; i < tasks; ++i) queue.run_each();
    fmt::print("{:.6f}\n", seconds_since(began));
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        fmt::print(stderr, "usage: bench_dispatch place|run|claims|ends|depth DATABASE TASKS\n");
        return 2;
    }
    const std::string what = words[1], database = words[2];
    const int tasks = std::atoi(words[3]);
    if (what == "place") place(database, tasks);
    if (what == "run") run(database, tasks);
    if (what == "depth") depth(database, tasks);
    if (what == "claims" || what == "ends") bare(database, tasks, what == "ends");
}
