#pragma once

// The relational stores in a database of PostgreSQL, for several servers at once.
//
// open_postgres() brings the schema up to date. Errors: unavailable (no such server or database, no permission),
// invalid (written by a newer version, or not in UTF-8).

#include <memory>

#include "adapters/postgres/connections.h"
#include "adapters/sql/stores.h"
#include "base/result.h"

namespace gyre::postgres {

Result<std::unique_ptr<sql::Stores>> open_postgres(const Target& target, const PoolSettings& settings = {});

}  // namespace gyre::postgres
