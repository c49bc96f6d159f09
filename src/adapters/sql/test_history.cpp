#include "adapters/sql/test_history.h"

#include <algorithm>
#include <string>

#include "adapters/sql/queries.h"
#include "model/trigger.h"

namespace gyre::sql {
namespace {

std::string select_tests(TestChoice choice) {
    return "SELECT task_index, name, classname, file, source, result, run_time FROM tests WHERE job_id = ?"
           " AND attempt = (SELECT MAX(number) FROM attempts WHERE attempts.job_id = tests.job_id"
           "  AND attempts.task_index = tests.task_index)" +
           std::string(choice == TestChoice::failed ? " AND result IN ('failure', 'error')" : "") +
           " ORDER BY run_time DESC, task_index, batch, place LIMIT ?";
}

constexpr std::string_view select_asking =
    "SELECT project_id, name, number, branch, timings_from FROM jobs WHERE id = ?";
constexpr std::string_view fix_source = "UPDATE jobs SET timings_from = ? WHERE id = ? AND timings_from IS NULL";
constexpr std::string_view fixed_source = "SELECT timings_from FROM jobs WHERE id = ?";

// The job that asks for timings.
struct Asking {
    ProjectId project;
    std::string name;
    std::int64_t number = 0;
    std::string branch;
    std::optional<std::string> source;  // as it is fixed; empty: there is none
    std::string choice;                 // where it is not; the same
};

Result<Asking> read_asking(Database& database, const JobId& job) {
    std::optional<Asking> asking;
    GYRE_TRY(database.each(
        select_asking,
        [&](const Row& row) {
            auto& one = asking.emplace();
            return row.into(one.project, one.name, one.number, one.branch, one.source);
        },
        job));
    if (!asking) return not_found("there is no job " + job.text);
    return std::move(*asking);
}

Result<std::string> choose_source(Database& database, const Asking& asking) {
    std::string chosen;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string job;
        Trigger trigger;
        GYRE_TRY(row.into(job, as_json(trigger)));
        if (chosen.empty() && trigger.fork.empty()) chosen = std::move(job);
        return {};
    };
    GYRE_TRY(database.each(queries::timings_sources, read, asking.project, asking.name, asking.number, asking.branch));
    return chosen;
}

}  // namespace

Result<SomeTests> SqlTestHistory::some_tests(const JobId& job, TestChoice choice, const TestBudget& budget) {
    return connections_.read([&](Database& database) -> Result<SomeTests> {
        SomeTests some;
        std::size_t bytes = 0;
        const auto read = [&](const Row& row) -> Result<void> {
            int task = 0;
            TestCase test;
            GYRE_TRY(row.into(task, test.name, test.classname, test.file, test.source, test.result, test.run_time));
            bytes += test.name.size() + test.classname.size() + test.file.size() + test.source.size();
            some.cut = some.cut || std::ssize(some.tests) >= budget.tests || bytes > budget.bytes;
            if (some.cut) return {};
            some.tests.push_back(std::move(test));
            some.tasks.insert(task);
            return {};
        };
        GYRE_TRY(database.each(select_tests(choice), read, job, std::max(budget.tests, 0) + 1));
        return some;
    });
}

// The choice is made before the database is locked for writing; of two that choose at once the first one's stands.
Result<std::optional<JobId>> SqlTestHistory::timings_source(const JobId& job) {
    const auto ask = [&](Database& database) -> Result<Asking> {
        GYRE_TRY_ASSIGN(auto asking, read_asking(database, job));
        if (asking.source) return asking;
        GYRE_TRY_ASSIGN(asking.choice, choose_source(database, asking));
        return asking;
    };
    GYRE_TRY_ASSIGN(Asking asking, connections_.read(ask));
    const auto fix = [&](Database& database) -> Result<std::optional<std::string>> {
        GYRE_TRY(database.put(fix_source, asking.choice, job));
        return database.value<std::string>(fixed_source, job);
    };
    if (!asking.source) {
        GYRE_TRY_ASSIGN(asking.source, connections_.write(fix));
    }
    if (!asking.source || asking.source->empty()) return std::optional<JobId>();
    return std::optional(JobId{std::move(*asking.source)});
}

}  // namespace gyre::sql
