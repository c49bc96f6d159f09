#pragma once

// The relational stores in one SQLite file: the embedded default. Writers take turns, readers never wait for them.
//
// open_sqlite() creates the file or brings its schema up to date. Errors: unavailable (no such folder, no permission,
// disk full, locked by another process), corrupt (not a database, or damaged), invalid (written by a newer version).

#include <filesystem>
#include <memory>

#include "adapters/sql/stores.h"
#include "base/result.h"

namespace gyre::sqlite {

Result<std::unique_ptr<sql::Stores>> open_sqlite(const std::filesystem::path& path);

}  // namespace gyre::sqlite
