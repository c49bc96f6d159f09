#pragma once

// One text of SQL for both databases; db/README.md says how migrations are written. Pure.

#include <string>
#include <string_view>

namespace gyre::sql {

enum class Dialect { sqlite, postgres };

// The script as one database understands it: lines that end in "-- sqlite only" or "-- postgres only" stay for that one
// alone, and names of types become the database's own.
std::string in_dialect(std::string_view script, Dialect dialect);

}  // namespace gyre::sql
