#pragma once

// The schema's history (db/migrations, embedded by the build) and bringing a database to one of its steps.

#include <optional>
#include <span>
#include <string_view>

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

// Goes forward or back to `target` (nothing: the newest known; never back). Within a transaction which nobody else can
// have at the same time. A database that a newer version wrote is `invalid`, and so is a step that does not exist. A
// step back that would lose what can be saved first, or secrets that nobody gave up, is a `conflict`.
Result<SchemaStep> migrate(Database& database, std::optional<int> target = std::nullopt,
                           MayLose may_lose = MayLose::nothing);

}  // namespace gyre::sql
