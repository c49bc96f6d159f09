#pragma once

// The limits of projects and organizations, where several servers place at once: each planned with what it saw, and the
// last free place must not be claimed twice. PostgreSQL's alone.

#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "model/event.h"

namespace gyre::sql {

// Of these, in their order, the ones that no limit forbids to start, given all that runs and what other servers have
// claimed and not placed yet. Of two transactions that ask about the same limit at once, one is made again. Call it in
// the transaction that claims them.
Result<std::vector<AttemptRef>> within_limits(Database& database, const std::string& server,
                                              const std::vector<AttemptRef>& wanted);

}  // namespace gyre::sql
