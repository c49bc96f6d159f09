#include "adapters/sql/sealed_outputs.h"

namespace gyre::sql {
namespace {

constexpr std::string_view select_sealed =
    "SELECT blob, part_at, part_bytes, output_bytes FROM sealed_outputs"
    " WHERE job_id = ? AND task_index = ? AND attempt = ? AND step_index = ?";
constexpr std::string_view put_sealed =
    "INSERT INTO sealed_outputs (job_id, task_index, attempt, step_index, blob, part_at, part_bytes, output_bytes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, task_index, attempt, step_index) DO UPDATE SET"
    " blob = excluded.blob, part_at = excluded.part_at, part_bytes = excluded.part_bytes,"
    " output_bytes = excluded.output_bytes WHERE excluded.output_bytes > sealed_outputs.output_bytes";
constexpr std::string_view select_after =
    "SELECT job_id, task_index, attempt, step_index, blob, part_at, part_bytes, output_bytes FROM sealed_outputs"
    " WHERE (job_id, task_index, attempt, step_index) > (?, ?, ?, ?)"
    " ORDER BY job_id, task_index, attempt, step_index LIMIT ?";
constexpr std::string_view delete_sealed =
    "DELETE FROM sealed_outputs WHERE job_id = ? AND task_index = ? AND attempt = ? AND step_index = ? AND blob = ?"
    " AND part_at = ?";
constexpr std::string_view count_ended =
    "SELECT COUNT(*) FROM attempts WHERE job_id = ? AND task_index = ? AND number = ? AND state = 'finished'";

}  // namespace

Result<std::optional<SealedOutput>> find_sealed(Database& database, const OutputName& name) {
    std::optional<SealedOutput> found;
    const auto read = [&](const Row& row) {
        auto& sealed = found.emplace();
        return row.into(sealed.blob, sealed.at, sealed.size, sealed.bytes);
    };
    const auto& [job, task, attempt] = name.attempt;
    GYRE_TRY(database.each(select_sealed, read, job, task, attempt, name.step));
    return found;
}

Result<std::optional<SealedOutput>> SqlSealedOutputs::find(const OutputName& name) {
    return connections_.read([&](Database& database) { return find_sealed(database, name); });
}

Result<void> SqlSealedOutputs::add(const std::vector<SealedStep>& steps) {
    return connections_.write([&](Database& database) -> Result<void> {
        for (const auto& [name, sealed] : steps) {
            const auto& [job, task, attempt] = name.attempt;
            GYRE_TRY(database.put(put_sealed, job, task, attempt, name.step, sealed.blob, sealed.at, sealed.size,
                                  sealed.bytes));
        }
        return {};
    });
}

Result<bool> SqlSealedOutputs::has_ended(const AttemptRef& attempt) {
    return connections_.read([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto ended,
                        database.value<std::int64_t>(count_ended, attempt.job, attempt.task, attempt.attempt));
        return ended.value_or(0) > 0;
    });
}

Result<std::vector<SealedStep>> SqlSealedOutputs::some_after(const OutputName& name, int most) {
    return connections_.read([&](Database& database) -> Result<std::vector<SealedStep>> {
        std::vector<SealedStep> steps;
        const auto read = [&](const Row& row) {
            auto& [found, sealed] = steps.emplace_back();
            return row.into(found.attempt.job, found.attempt.task, found.attempt.attempt, found.step, sealed.blob,
                            sealed.at, sealed.size, sealed.bytes);
        };
        const auto& [job, task, attempt] = name.attempt;
        GYRE_TRY(database.each(select_after, read, job, task, attempt, name.step, most));
        return steps;
    });
}

Result<void> SqlSealedOutputs::forget(const std::vector<SealedStep>& steps) {
    return connections_.write([&](Database& database) -> Result<void> {
        for (const auto& [name, sealed] : steps) {
            const auto& [job, task, attempt] = name.attempt;
            GYRE_TRY(database.put(delete_sealed, job, task, attempt, name.step, sealed.blob, sealed.at));
        }
        return {};
    });
}

}  // namespace gyre::sql
