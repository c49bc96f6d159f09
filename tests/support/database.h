#pragma once

// The database of each data directory: SQLite in it, or, with $GYRE_TEST_DATABASE=postgres, one of its own in a
// PostgreSQL that this process starts when it first needs one and that ends with it.

#include <string>
#include <vector>

namespace gyre::test {

// Its URL; empty: SQLite.
std::string database_of(const std::string& data_directory);
// For programs that look into the data directory: GYRE_DATABASE=..., or nothing.
std::vector<std::string> database_environment(const std::string& data_directory);
// The directory was removed: the next one of that name has an empty database.
void forget_database(const std::string& data_directory);
// Runs one statement and answers the rows that it found, one a line, with '|' between values.
std::string in_database(const std::string& data_directory, const std::string& statement);
// What in_database() lacks here, for GTEST_SKIP; empty: nothing.
std::string in_database_needs();

}  // namespace gyre::test
