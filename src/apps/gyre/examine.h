#pragma once

// Looks at the records of an installation for what can never be. Reads everything; changes nothing. Call it within a
// transaction that sees one snapshot, where nothing else is said.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/database.h"
#include "base/result.h"
#include "model/serial_hold.h"
#include "ports/output_store.h"

namespace gyre::apps {

struct Finding {
    std::string rule;      // short and stable, for programs
    std::string sentence;  // for people: what is wrong, and with what
    bool operator==(const Finding&) const = default;
};

// The database by itself: whole, references lead somewhere, each workflow keeps its law (workflow/check.h), nothing
// that has ended still runs. After `most` findings it stops.
Result<std::vector<Finding>> examine_records(sql::Database& database, std::size_t most = 200);

// Of the queue's rows: no task waits for its turn there. Of the rows of `tasks`: it waits, and is not in the queue.
inline constexpr std::string_view queued_for_nothing =
    "NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.job_id = queue.job_id AND tasks.task_index = queue.task_index"
    " AND tasks.status = 'queued')";
inline constexpr std::string_view waits_unqueued =
    "tasks.status = 'queued' AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.job_id = tasks.job_id"
    " AND queue.task_index = tasks.task_index)";
// Serial groups whose holder holds them no more (workflow/serial.h), so that they would be closed for ever.
Result<std::vector<SerialHold>> holds_of_nobody(sql::Database& database);

// Outputs of finished attempts that are shorter than their record says. `raw`: those that are not sealed; the blobs of
// sealed ones are looked at as all objects are. Call it outside of a transaction: what looks short in one is asked for
// again, for a server may have sealed it meanwhile.
Result<std::vector<Finding>> examine_outputs(sql::Database& database, OutputStore& raw, std::size_t most = 200);

}  // namespace gyre::apps
