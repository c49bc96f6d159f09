#pragma once

// A pipeline as rows: pipelines, and apart from it what is large (configs) and what the queue reads (job_specs).

#include <string_view>

#include "adapters/sql/database.h"
#include "model/pipeline.h"

namespace gyre::sql {

Result<void> write_pipeline(Database& database, const Pipeline& pipeline);

// The columns of `pipelines` for read_listed(), in its order.
inline constexpr std::string_view listed_columns =
    "id, project_id, number, state, trigger_json, errors_json, note, created_at, updated_at, position";

// Everything but config_source and plan; answers the pipeline's position.
Result<std::int64_t> read_listed(const Row& row, Pipeline& pipeline);

}  // namespace gyre::sql
