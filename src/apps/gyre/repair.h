#pragma once

// What `gyre doctor --repair` does to records and objects. Only what follows from other records without guessing
// (workflow/mend.h). Nobody is notified of what ends so. Call what takes a database within a transaction. Each answers
// what was done, for people; nothing: there was nothing to do.

#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "base/result.h"

namespace gyre::apps {

// Mends workflows, then what hangs on them: steps of ended attempts end, the queue holds the tasks that wait and no
// others, serial groups are held by those that run. Each repair is an event of the log (kind "doctor"). Done twice, the
// second does nothing.
Result<std::vector<std::string>> repair_records(sql::Database& database);

// A cache whose blob is gone: without it, jobs save it again. Manifests of jobs that had it keep it no longer.
Result<std::string> forget_cache(sql::Database& database, const std::string& blob);

// Moves a damaged object to <objects>/damaged, where nobody reads it.
Result<std::string> set_aside(const std::string& objects, const std::string& name);

}  // namespace gyre::apps
