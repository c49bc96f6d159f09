#pragma once

// The schema's history (db/migrations, embedded by the build) and bringing a database to one of its steps.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/database.h"
#include "base/result.h"

namespace gyre::sql {

struct Migration {
    int number = 0;
    std::string_view title;
    std::string_view up;  // both in the common form: see dialect.h
    std::string_view down;
};

std::span<const Migration> migrations();  // by number, without gaps, from 1

// Where the schema stands and shall stand: the number of the newest migration; 0: nothing of ours.
struct SchemaStep {
    int before = 0;
    int after = 0;
};

// What a step back may destroy for good.
enum class MayLose { nothing, secrets };

// Goes forward or back to `target` (nothing: the newest known; never back): applies what is missing up to there, and
// undoes what is beyond. Within a transaction which nobody else can
// have at the same time. A database that a newer version wrote is `invalid`, and so is a step that does not exist. A
// step back that would lose what can be saved first, or secrets that nobody gave up, is a `conflict`.
Result<SchemaStep> migrate(Database& database, std::optional<int> target = std::nullopt,
                           MayLose may_lose = MayLose::nothing);

// What a step back to `target` drops: rows of tables, with them or alone, and columns; before anybody takes it. Errors:
// those that the step itself would be refused with. Nothing for a step forward.
struct DroppedTable {
    std::string name;
    std::int64_t rows = 0;  // at least one
    bool operator==(const DroppedTable&) const = default;
};
struct Loss {
    int before = 0;                    // the number of the schema
    std::vector<DroppedTable> tables;  // those that hold something, by name
    std::vector<std::string> columns;  // "jobs.ssh", by name; of tables that stay
};
Result<Loss> loss_of_step(Database& database, int target, MayLose may_lose);

}  // namespace gyre::sql
