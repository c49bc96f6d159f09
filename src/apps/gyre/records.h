#pragma once

// The database that the settings name: SQLite in the data directory, or PostgreSQL.

#include <memory>
#include <optional>
#include <string>

#include "adapters/sql/migrations.h"
#include "adapters/sql/stores.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// Brings the schema up to date. `server`: this one's name among several.
Result<std::unique_ptr<sql::Stores>> open_records(const ServerSettings& settings, const DataDirectory& data,
                                                  const std::string& server);

// Goes to a step of the schema (nothing: the newest) and does nothing else. Back only while no server runs: `conflict`.
Result<sql::SchemaStep> migrate_records(const ServerSettings& settings, const DataDirectory& data,
                                        std::optional<int> step, sql::MayLose may_lose = sql::MayLose::nothing);

}  // namespace gyre::apps
