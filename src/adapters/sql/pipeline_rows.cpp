#include "adapters/sql/pipeline_rows.h"

namespace gyre::sql {
namespace {

constexpr std::string_view put_pipeline =
    "INSERT INTO pipelines (id, project_id, number, state, branch, trigger_json, errors_json, note, created_at,"
    " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
    " trigger_json = excluded.trigger_json, errors_json = excluded.errors_json, note = excluded.note, updated_at = "
    "excluded.updated_at";
constexpr std::string_view put_config =
    "INSERT INTO configs (pipeline_id, source, plan_json, continuation_json) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (pipeline_id) DO UPDATE SET source = excluded.source, plan_json = excluded.plan_json,"
    " continuation_json = excluded.continuation_json"
    " WHERE configs.source <> excluded.source OR configs.plan_json <> excluded.plan_json"
    " OR configs.continuation_json IS DISTINCT FROM excluded.continuation_json";
constexpr std::string_view put_spec =
    "INSERT INTO job_specs (pipeline_id, spec, executor, resource_class) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (pipeline_id, spec) DO UPDATE SET executor = excluded.executor,"
    " resource_class = excluded.resource_class";

std::string_view kind_of(const ExecutorSpec& executor) {
    return std::visit([](const auto& spec) { return std::decay_t<decltype(spec)>::kind; }, executor);
}

}  // namespace

Result<void> write_pipeline(Database& database, const Pipeline& pipeline) {
    GYRE_TRY(database.put(put_pipeline, pipeline.id, pipeline.project, pipeline.number, pipeline.state,
                          pipeline.trigger.branch, to_json_text(pipeline.trigger), to_json_text(pipeline.errors),
                          pipeline.note, pipeline.created_at, pipeline.updated_at));
    std::optional<std::string> continuation;
    if (pipeline.continuation) continuation = to_json_text(*pipeline.continuation);
    GYRE_TRY(database.put(put_config, pipeline.id, pipeline.config_source, to_json_text(pipeline.plan), continuation));
    std::size_t spec = 0;
    for (const auto& job : pipeline.plan.jobs) {
        GYRE_TRY(database.put(put_spec, pipeline.id, spec++, kind_of(job.executor), job.resource_class));
    }
    GYRE_TRY(database.put("DELETE FROM job_specs WHERE pipeline_id = ? AND spec >= ?", pipeline.id, spec));
    return {};
}

Result<std::int64_t> read_listed(const Row& row, Pipeline& pipeline) {
    std::int64_t position = 0;
    GYRE_TRY(row.into(pipeline.id, pipeline.project, pipeline.number, pipeline.state, as_json(pipeline.trigger),
                      as_json(pipeline.errors), pipeline.note, pipeline.created_at, pipeline.updated_at, position));
    return position;
}

}  // namespace gyre::sql
