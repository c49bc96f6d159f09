#include "adapters/sql/dump.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gyre::sql {
namespace {

constexpr std::int64_t page_bytes = 4 << 20;
constexpr std::int64_t most_rows = 4096;  // of a page

// What the catalogues of the databases are asked.
struct Catalogue {
    std::string_view tables;      // names, in the order of their making
    std::string_view columns;     // of a table: name, type, place in the primary key (from 1; 0: not in it)
    std::string_view references;  // of a table: names of tables
};
constexpr Catalogue sqlite_catalogue{
    .tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
        " AND name <> 'schema_migrations' ORDER BY rowid",
    .columns = "SELECT name, lower(type), pk FROM pragma_table_info(?) ORDER BY cid",
    .references = "SELECT \"table\" FROM pragma_foreign_key_list(?)",
};
constexpr Catalogue postgres_catalogue{
    .tables =
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname <> 'schema_migrations'"
        " ORDER BY c.oid",
    .columns =
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, NULL),"
        " COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0)"
        " FROM pg_catalog.pg_attribute a"
        " LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary"
        " WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    .references =
        "SELECT r.relname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class r ON r.oid = k.confrelid"
        " WHERE k.contype = 'f' AND k.conrelid = to_regclass(?)",
};

const Catalogue& catalogue_of(const Database& database) {
    return database.dialect() == Dialect::sqlite ? sqlite_catalogue : postgres_catalogue;
}

Result<ColumnKind> kind_of(const std::string& type) {
    static const std::map<std::string, ColumnKind, std::less<>> kinds{
        {"text", ColumnKind::text},        {"integer", ColumnKind::integer},       {"bigint", ColumnKind::integer},
        {"smallint", ColumnKind::integer}, {"double precision", ColumnKind::real},
    };
    const auto found = kinds.find(type);
    if (found == kinds.end()) return invalid("backups do not know columns of the type '" + type + "' yet");
    return found->second;
}

Result<Table> describe(Database& database, const std::string& name) {
    Table table{.name = name};
    std::map<int, std::size_t> key;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string type;
        int place = 0;
        auto& column = table.columns.emplace_back();
        GYRE_TRY(row.into(column.name, type, place));
        GYRE_TRY_ASSIGN(column.kind, kind_of(type));
        if (place > 0) key[place] = table.columns.size() - 1;
        return {};
    };
    const auto done = database.each(catalogue_of(database).columns, read, name);
    if (!done) return done.error().during("table " + name);
    for (const auto& [place, column] : key) table.key.push_back(column);
    if (table.key.empty()) return invalid("table " + name + " has no primary key, and cannot be backed up");
    return table;
}

Result<std::set<std::string>> references_of(Database& database, const std::string& name) {
    std::set<std::string> names;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string other;
        GYRE_TRY(row.into(other));
        if (other != name) names.insert(std::move(other));
        return {};
    };
    GYRE_TRY(database.each(catalogue_of(database).references, read, name));
    return names;
}

json::value value_of(const Columns& columns, int at, ColumnKind kind) {
    if (columns.null(at)) return nullptr;
    if (kind == ColumnKind::integer) return columns.integer(at).value_or(0);
    if (kind == ColumnKind::real) return columns.real(at);
    return json::string(columns.text(at));
}

// `value` outlives the statement.
Result<Param> param_of(const json::value& value, ColumnKind kind) {
    if (value.is_null()) return Param();
    if (kind == ColumnKind::text && value.is_string()) return Param(std::string_view(value.get_string()));
    if (kind == ColumnKind::integer && value.is_int64()) return Param(value.get_int64());
    if (kind == ColumnKind::real && value.is_number() && std::isfinite(value.to_number<double>()))
        return Param(value.to_number<double>());
    return corrupt("a value does not fit its column");
}

std::int64_t size_of(const json::array& row) {
    std::int64_t bytes = 0;
    for (const auto& value : row) bytes += value.is_string() ? std::ssize(value.get_string()) + 16 : 16;
    return bytes;
}

// "(a, b)" and "(?, ?)"
std::string in_brackets(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "(" : ", ") + word;
    return text + ")";
}
std::string placeholders(std::size_t count) { return in_brackets(std::vector<std::string>(count, "?")); }

struct Select {
    std::string first;
    std::string next;  // behind a key
};
Select select_of(const Table& table) {
    std::vector<std::string> names;
    for (const auto& column : table.columns) names.push_back(column.name);
    std::vector<std::string> key;
    for (const auto at : table.key) key.push_back(names[at]);
    const std::string columns = in_brackets(names);
    const std::string keys = in_brackets(key);
    const std::string select = "SELECT " + columns.substr(1, columns.size() - 2) + " FROM " + table.name;
    const std::string order = " ORDER BY " + keys.substr(1, keys.size() - 2) + " LIMIT ?";
    return {select + order, select + " WHERE " + keys + " > " + placeholders(key.size()) + order};
}

}  // namespace

Result<std::vector<Table>> tables_of(Database& database) {
    std::vector<std::string> names;
    GYRE_TRY(
        database.each(catalogue_of(database).tables, [&](const Row& row) { return row.into(names.emplace_back()); }));
    std::vector<Table> tables;
    std::set<std::string> there;
    while (!names.empty()) {
        const auto before = names.size();
        for (auto name = names.begin(); name != names.end();) {
            GYRE_TRY_ASSIGN(const auto references, references_of(database, *name));
            if (!std::includes(there.begin(), there.end(), references.begin(), references.end())) {
                ++name;
                continue;
            }
            GYRE_TRY_ASSIGN(Table table, describe(database, *name));
            tables.push_back(std::move(table));
            there.insert(*name);
            name = names.erase(name);
        }
        if (names.size() == before) return corrupt("the tables of " + database.name() + " refer to each other in turn");
    }
    return tables;
}

Result<int> schema_number(Database& database) {
    const std::string_view exists =
        database.dialect() == Dialect::sqlite
            ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
            : "SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('schema_migrations')";
    GYRE_TRY_ASSIGN(const auto count, database.value<int>(exists));
    if (count.value_or(0) == 0) return 0;
    GYRE_TRY_ASSIGN(const auto number, database.value<int>("SELECT COALESCE(MAX(number), 0) FROM schema_migrations"));
    return number.value_or(0);
}

Result<void> read_rows(Database& database, const Table& table,
                       const std::function<Result<void>(const json::array& row)>& act) {
    const Select select = select_of(table);
    std::int64_t limit = 64;
    json::array last;
    for (bool first = true;; first = false) {
        std::vector<Param> params;
        for (const auto at : first ? std::vector<std::size_t>() : table.key) {
            GYRE_TRY_ASSIGN(const Param param, param_of(last[at], table.columns[at].kind));
            params.push_back(param);
        }
        params.emplace_back(limit);
        std::int64_t rows = 0;
        std::int64_t bytes = 0;
        json::array newest;
        const auto read = [&](const Row& row) -> Result<void> {
            json::array values;
            values.reserve(table.columns.size());
            for (std::size_t at = 0; at < table.columns.size(); ++at)
                values.push_back(value_of(row.columns(), static_cast<int>(at), table.columns[at].kind));
            rows += 1;
            bytes += size_of(values);
            newest = std::move(values);
            return act(newest);
        };
        GYRE_TRY(database.each_with(first ? select.first : select.next, params, read));
        if (rows < limit) return {};
        last = std::move(newest);
        limit = std::clamp(page_bytes * rows / std::max<std::int64_t>(bytes, 1), std::int64_t{1},
                           std::min(most_rows, 2 * limit));
    }
}

Result<RowWriter> RowWriter::into(Database& database, const Table& table, const std::vector<std::string>& columns) {
    RowWriter writer(database, table.name);
    for (const auto& name : columns) {
        const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const Column& column) { return column.name == name; });
        if (found == table.columns.end()) return corrupt("table " + table.name + " has no such column as it should");
        writer.kinds_.push_back(found->kind);
    }
    if (columns.empty()) return corrupt("no column of table " + table.name + " is named");
    writer.insert_ =
        "INSERT INTO " + table.name + " " + in_brackets(columns) + " VALUES " + placeholders(columns.size());
    return writer;
}

Result<void> RowWriter::add(const json::array& row) {
    if (row.size() != kinds_.size()) return corrupt("a row of table " + table_ + " has not one value for each column");
    params_.clear();
    for (std::size_t at = 0; at < row.size(); ++at) {
        auto param = param_of(row[at], kinds_[at]);
        if (!param) return param.error().during("table " + table_);
        params_.push_back(*param);
    }
    const auto added = database_->run_with(insert_, params_);
    return added ? Result<void>() : added.error().during("table " + table_);
}

Result<void> go_on_numbering(Database& database, const std::vector<Table>& tables) {
    if (database.dialect() == Dialect::sqlite) return {};  // it looks at the rows by itself
    for (const auto& table : tables) {
        GYRE_TRY_ASSIGN(const auto column,
                        database.value<std::string>("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid ="
                                                    " to_regclass(?) AND attidentity <> ''",
                                                    table.name));
        if (!column) continue;
        GYRE_TRY(database.script("SELECT setval(pg_get_serial_sequence('" + table.name + "', '" + *column +
                                 "'), COALESCE(MAX(" + *column + "), 1), MAX(" + *column + ") IS NOT NULL) FROM " +
                                 table.name));
    }
    return {};
}

}  // namespace gyre::sql
