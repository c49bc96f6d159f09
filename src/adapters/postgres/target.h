#pragma once

// Which database, and how to reach it: what libpq calls a connection string.
//
// Given as a URL (postgres://user@host:port/database?option=value), which must not hold a password, or as the absolute
// path of a file that holds such a URL or "host=... dbname=..." and may hold the password, when nobody but its owner
// can read it. Without a password there libpq's own places count: PGPASSFILE, ~/.pgpass, PGPASSWORD.

#include <string>

#include "base/result.h"

namespace gyre::postgres {

struct Target {
    std::string connection;  // may hold a password: never shown
    std::string name;        // for people: host and database, no more
};

// Whether a setting means PostgreSQL: a URL of it, or a path.
Result<void> check_form(const std::string& given);

// Reads and checks. `invalid` says what is wrong without repeating what was given.
Result<Target> read_target(const std::string& given);

}  // namespace gyre::postgres
