#include "apps/gyre/end_attempts.h"

#include <algorithm>

#include "adapters/fs/output_store.h"
#include "adapters/memory/live.h"
#include "adapters/postgres/stores.h"
#include "adapters/sqlite/stores.h"
#include "base/clock.h"
#include "base/log.h"
#include "conductor/conductor.h"
#include "ports/git_remote.h"

namespace gyre::apps {
namespace {

class SilentBell final : public DispatchBell {
public:
    void ring() override {}
};

// Ending an attempt asks no remote.
class NoRemote final : public GitRemote {
public:
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote&) override { return nothing(); }
    Result<CommitFiles> read_config(const ProjectRemote&, const std::string&, const std::string&) override {
        return nothing();
    }

private:
    static Error nothing() { return unavailable("no remote is asked during a restore"); }
};

Result<std::unique_ptr<sql::Stores>> open_stores(const ServerSettings& settings, const std::string& file) {
    if (settings.database.empty()) return sqlite::open_sqlite(file);
    GYRE_TRY_ASSIGN(const auto target, postgres::read_target(settings.database));
    return postgres::open_postgres(target, {.most = settings.database_connections});
}

// Nobody else will say how the steps of a lost attempt ended.
Result<void> end_steps(sql::Stores& stores, OutputStore& outputs, const AttemptRef& attempt, Timestamp now) {
    GYRE_TRY_ASSIGN(auto steps, stores.run_records().steps(attempt));
    std::erase_if(steps, [](const StepRecord& step) { return step.status != StepStatus::running; });
    for (auto& step : steps) {
        step.status = StepStatus::infrastructure_fail;
        step.stopped_at = now;
        if (step.started_at) step.run_time_ms = std::max<std::int64_t>((now - *step.started_at).count(), 0);
        GYRE_TRY_ASSIGN(step.output_bytes, outputs.length({attempt, step.index}));
    }
    return steps.empty() ? Result<void>() : stores.run_records().save_steps(attempt, steps);
}

}  // namespace

Result<int> end_attempts(const ServerSettings& settings, const std::string& file, const std::string& objects) {
    GYRE_TRY_ASSIGN(const auto stores, open_stores(settings, file));
    GYRE_TRY_ASSIGN(const auto outputs, fs::FileOutputStore::open(objects));
    const SystemClock clock;
    memory::MemoryLive live;
    SilentBell bell;
    NoRemote remote;
    conductor::Conductor conductor(
        {stores->workflow_store(), stores->project_store(), remote, live, clock, bell, [] {}});
    GYRE_TRY_ASSIGN(const auto attempts, stores->task_queue().live());
    for (const auto& one : attempts) {
        GYRE_TRY(end_steps(*stores, *outputs, one.attempt, clock.now()));
        const auto told = conductor.handle(TaskFinished{
            one.attempt, InfrastructureFailed{
                             .reason = "the server was restored from a backup", .retryable = true, .counts = false}});
        // Then the server's leases end it, only later.
        if (!told) log::warn("restore", "attempt {}: {}", one.attempt.id().text, told.error().message);
    }
    return static_cast<int>(attempts.size());
}

}  // namespace gyre::apps
