#pragma once

// The schema's history (db/migrations, embedded by the build) and bringing a database up to date.

#include <span>
#include <string_view>

#include "adapters/sqlite/database.h"
#include "base/result.h"

namespace gyre::sqlite {

struct Migration {
    int number = 0;
    std::string_view title;
    std::string_view up;
    std::string_view down;
};

std::span<const Migration> migrations();  // by number

// Applies what is missing, all of it in one transaction. A database that a newer version wrote is `invalid`.
Result<void> migrate(Database& database);

}  // namespace gyre::sqlite
