#pragma once

// Whole tables as rows of JSON, the same in every database: what backups are made of (src/backup). What tables there
// are, and of what columns, is asked of the database, so that a schema of any number can be read and filled.
//
// A row is an array with one value a column: null, an integer, a number or a text. Texts may hold any bytes. Errors:
// those of Database; `corrupt` for a row that does not fit the table.

#include <functional>
#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::sql {

enum class ColumnKind { text, integer, real };

struct Column {
    std::string name;
    ColumnKind kind = ColumnKind::text;
};
struct Table {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::size_t> key;  // positions of the primary key's columns
};

// All tables but the record of the schema itself, those that others refer to first.
Result<std::vector<Table>> tables_of(Database& database);
// The number of the newest migration that the database went through; 0: none.
Result<int> schema_number(Database& database);

// Hands over every row, in the order of the primary key. Call it within a transaction that sees one snapshot. Reads in
// pages: memory is bounded by the largest row and a few megabytes.
Result<void> read_rows(Database& database, const Table& table,
                       const std::function<Result<void>(const json::array& row)>& act);

// Adds rows to a table, the named columns in their order; the table's other columns take their defaults.
class RowWriter {
public:
    // `corrupt` when the table has no such column.
    static Result<RowWriter> into(Database& database, const Table& table, const std::vector<std::string>& columns);
    Result<void> add(const json::array& row);

private:
    RowWriter(Database& database, std::string table) : database_(&database), table_(std::move(table)) {}

    Database* database_;
    std::string table_;
    std::string insert_;
    std::vector<ColumnKind> kinds_;
    std::vector<Param> params_;
};

// After rows with numbers of their own were added: what the database numbers next comes behind them.
Result<void> go_on_numbering(Database& database, const std::vector<Table>& tables);

}  // namespace gyre::sql
