#include "adapters/sql/run_records.h"

#include <limits>

namespace gyre::sql {
namespace {

constexpr std::string_view put_step =
    "INSERT INTO steps (job_id, task_index, attempt, step_index, name, type, command, status, background, exit_code,"
    " run_time_ms, started_at, stopped_at, output_bytes, truncated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?)"
    " ON CONFLICT (job_id, task_index, attempt, step_index) DO UPDATE SET name = excluded.name, type = excluded.type,"
    " command = excluded.command, status = excluded.status, background = excluded.background,"
    " exit_code = excluded.exit_code, run_time_ms = excluded.run_time_ms, started_at = excluded.started_at,"
    " stopped_at = excluded.stopped_at, output_bytes = excluded.output_bytes, truncated = excluded.truncated";
constexpr std::string_view put_artifact =
    "INSERT INTO artifacts (job_id, task_index, attempt, path, blob, size) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, attempt, path) DO UPDATE SET blob = excluded.blob, size = excluded.size";
constexpr std::string_view batch_exists =
    "SELECT 1 FROM tests WHERE job_id = ? AND task_index = ? AND attempt = ? AND batch = ? LIMIT 1";
// The same batch may be on its way beside this one: of the two, one counts.
constexpr std::string_view insert_test =
    "INSERT INTO tests (job_id, task_index, attempt, batch, place, name, classname, file, source, result, run_time,"
    " message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, attempt, batch, place) DO NOTHING";

constexpr std::string_view put_manifest =
    "INSERT INTO manifests (job_id, task_index, attempt, body, told_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, attempt) DO UPDATE SET body = excluded.body, told_at = excluded.told_at";
constexpr std::string_view delete_trees =
    "DELETE FROM manifest_trees WHERE job_id = ? AND task_index = ? AND attempt = ?";
constexpr std::string_view put_tree =
    "INSERT INTO manifest_trees (job_id, task_index, attempt, blob, told_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, attempt, blob) DO NOTHING";
constexpr std::string_view select_manifest =
    "SELECT body FROM manifests WHERE job_id = ? AND task_index = ? AND attempt = ?";
constexpr std::string_view put_usage =
    "INSERT INTO usages (job_id, task_index, attempt, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, attempt) DO UPDATE SET body = excluded.body";
constexpr std::string_view select_usages =
    "SELECT task_index, attempt, body FROM usages WHERE job_id = ? AND (task_index, attempt) > (?, ?)"
    " AND task_index BETWEEN ? AND ? AND attempt BETWEEN ? AND ? ORDER BY task_index, attempt LIMIT ?";

constexpr std::string_view select_steps =
    "SELECT step_index, name, type, command, status, background, exit_code, run_time_ms, started_at, stopped_at,"
    " output_bytes, truncated FROM steps WHERE job_id = ? AND task_index = ? AND attempt = ? ORDER BY step_index";
constexpr std::string_view select_artifacts =
    "SELECT task_index, path, blob, size FROM artifacts WHERE job_id = ? AND attempt ="
    " (SELECT MAX(number) FROM attempts WHERE attempts.job_id = artifacts.job_id"
    "  AND attempts.task_index = artifacts.task_index) ORDER BY task_index, path";
constexpr std::string_view select_tests =
    "SELECT name, classname, file, source, result, run_time, message FROM tests WHERE job_id = ? AND attempt ="
    " (SELECT MAX(number) FROM attempts WHERE attempts.job_id = tests.job_id"
    "  AND attempts.task_index = tests.task_index)"
    " ORDER BY result IN ('failure', 'error') DESC, task_index, batch, place";

}  // namespace

Result<void> SqlRunRecords::save_steps(const AttemptRef& attempt, const std::vector<StepRecord>& steps,
                                       Durable durable) {
    const auto save = [&](Database& database) -> Result<void> {
        for (const auto& step : steps) {
            GYRE_TRY(database.put(put_step, attempt.job, attempt.task, attempt.attempt, step.index, step.name,
                                  step.type, step.command, step.status, step.background, step.exit_code,
                                  step.run_time_ms, step.started_at, step.stopped_at, step.output_bytes,
                                  step.truncated));
        }
        return {};
    };
    return connections_.write(save, durable);
}

Result<void> SqlRunRecords::add_artifact(const AttemptRef& attempt, const Artifact& artifact) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.put(put_artifact, attempt.job, attempt.task, attempt.attempt, artifact.path, artifact.blob,
                              artifact.size));
        return {};
    });
}

Result<void> SqlRunRecords::add_tests(const AttemptRef& attempt, int batch, const std::vector<TestCase>& tests) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto there,
                        database.value<int>(batch_exists, attempt.job, attempt.task, attempt.attempt, batch));
        if (there) return {};
        int place = 0;
        for (const auto& test : tests) {
            GYRE_TRY(database.put(insert_test, attempt.job, attempt.task, attempt.attempt, batch, place++, test.name,
                                  test.classname, test.file, test.source, test.result, test.run_time, test.message));
        }
        return {};
    });
}

Result<void> SqlRunRecords::save_manifest(const AttemptRef& attempt, const ToldManifest& manifest, Durable durable) {
    const auto save = [&](Database& database) -> Result<void> {
        GYRE_TRY(
            database.put(put_manifest, attempt.job, attempt.task, attempt.attempt, manifest.body, manifest.told_at));
        GYRE_TRY(database.put(delete_trees, attempt.job, attempt.task, attempt.attempt));
        for (const auto& tree : manifest.trees)
            GYRE_TRY(database.put(put_tree, attempt.job, attempt.task, attempt.attempt, tree, manifest.told_at));
        return {};
    };
    return connections_.write(save, durable);
}

Result<void> SqlRunRecords::save_usage(const AttemptRef& attempt, const std::string& body, Durable durable) {
    const auto save = [&](Database& database) -> Result<void> {
        GYRE_TRY(database.put(put_usage, attempt.job, attempt.task, attempt.attempt, body));
        return {};
    };
    return connections_.write(save, durable);
}

Result<std::vector<StepRecord>> SqlRunRecords::steps(const AttemptRef& attempt) {
    return connections_.read([&](Database& database) -> Result<std::vector<StepRecord>> {
        std::vector<StepRecord> steps;
        const auto read = [&](const Row& row) {
            auto& step = steps.emplace_back();
            return row.into(step.index, step.name, step.type, step.command, step.status, step.background,
                            step.exit_code, step.run_time_ms, step.started_at, step.stopped_at, step.output_bytes,
                            step.truncated);
        };
        GYRE_TRY(database.each(select_steps, read, attempt.job, attempt.task, attempt.attempt));
        return steps;
    });
}

Result<std::vector<Artifact>> SqlRunRecords::artifacts(const JobId& job) {
    return connections_.read([&](Database& database) -> Result<std::vector<Artifact>> {
        std::vector<Artifact> artifacts;
        const auto read = [&](const Row& row) {
            auto& artifact = artifacts.emplace_back();
            return row.into(artifact.task, artifact.path, artifact.blob, artifact.size);
        };
        GYRE_TRY(database.each(select_artifacts, read, job));
        return artifacts;
    });
}

Result<std::vector<TestCase>> SqlRunRecords::tests(const JobId& job) {
    return connections_.read([&](Database& database) -> Result<std::vector<TestCase>> {
        std::vector<TestCase> tests;
        const auto read = [&](const Row& row) {
            auto& test = tests.emplace_back();
            return row.into(test.name, test.classname, test.file, test.source, test.result, test.run_time,
                            test.message);
        };
        GYRE_TRY(database.each(select_tests, read, job));
        return tests;
    });
}

Result<std::optional<std::string>> SqlRunRecords::manifest(const AttemptRef& attempt) {
    return connections_.read([&](Database& database) {
        return database.value<std::string>(select_manifest, attempt.job, attempt.task, attempt.attempt);
    });
}

Result<std::vector<ToldUsage>> SqlRunRecords::usages(const UsageQuery& query) {
    constexpr int any = std::numeric_limits<int>::max();
    return connections_.read([&](Database& database) -> Result<std::vector<ToldUsage>> {
        std::vector<ToldUsage> usages;
        const auto read = [&](const Row& row) {
            auto& usage = usages.emplace_back();
            return row.into(usage.task, usage.attempt, usage.body);
        };
        GYRE_TRY(database.each(select_usages, read, query.job, query.after_task, query.after_attempt,
                               query.task.value_or(0), query.task.value_or(any), query.attempt.value_or(0),
                               query.attempt.value_or(any), query.limit));
        return usages;
    });
}

}  // namespace gyre::sql
