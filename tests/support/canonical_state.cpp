#include "support/canonical_state.h"

#include <algorithm>
#include <iterator>
#include <regex>
#include <sstream>

#include "base/digest.h"
#include "support/database.h"

namespace gyre::test {
namespace {

using Names = std::map<std::string, std::string>;  // by id
struct Row {
    std::string table;
    std::string text;
};

const std::regex& ids() {
    static const std::regex pattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\\b[0-9a-f]{64}\\b|\\b[0-9a-f]{40}\\b");
    return pattern;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

bool on_postgres(const std::string& data) { return !database_of(data).empty(); }

std::vector<std::string> tables_of(const std::string& data) {
    return lines_of(in_database(data, on_postgres(data)
                                          ? "SELECT table_name FROM information_schema.tables WHERE table_schema = "
                                            "'public' ORDER BY table_name"
                                          : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                                            "'sqlite_%' ORDER BY name"));
}

std::vector<std::string> columns_of(const std::string& data, const std::string& table) {
    return lines_of(in_database(data, on_postgres(data)
                                          ? "SELECT column_name FROM information_schema.columns WHERE table_schema = "
                                            "'public' AND table_name = '" +
                                                table + "' ORDER BY column_name"
                                          : "SELECT name FROM pragma_table_info('" + table + "') ORDER BY name"));
}

// And what the order of things that happen side by side decides.
bool is_of_the_moment(const std::string& column) {
    return column == "position" || column == "at" || column.ends_with("_at") || column.ends_with("_until") ||
           column.starts_with("run_time");
}

std::string read_table(const std::string& data, const std::string& table, const std::set<std::string>& except) {
    const std::string newline = on_postgres(data) ? "chr(10)" : "char(10)";
    std::string wanted;
    for (const auto& column : columns_of(data, table)) {
        if (is_of_the_moment(column) || except.contains(table + "." + column)) continue;
        wanted += (wanted.empty() ? "" : ", ") + ("'" + column + "='") + " || COALESCE(replace(CAST(" + column +
                  " AS TEXT), " + newline + ", ' '), '-')";
    }
    return wanted.empty() ? "" : in_database(data, "SELECT " + wanted + " FROM " + table);
}

// Times within JSON, and what the caller says.
std::string settled(std::string text, const std::map<std::string, std::string>& replaced) {
    for (const auto& [what, by] : replaced) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
            text.replace(at, what.size(), by);
    }
    static const std::regex times(
        "\\b1[0-9]{12}\\b|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
    return std::regex_replace(text, times, "TIME");
}

std::string named(const std::string& text, const Names& names) {
    std::string result;
    auto from = text.begin();
    for (std::sregex_iterator id(text.begin(), text.end(), ids()); id != std::sregex_iterator(); ++id) {
        result.append(from, text.begin() + id->position());
        const auto found = names.find(id->str());
        result += found == names.end() ? "ID" : found->second;
        from = text.begin() + id->position() + id->length();
    }
    return result.append(from, text.end());
}

// A name says where the id stands, and beside which others.
Names name_ids(const std::vector<Row>& rows, const Names& names) {
    std::map<std::string, std::vector<std::string>> places;
    for (const auto& row : rows) {
        const std::string text = row.table + " " + named(row.text, names);
        for (std::sregex_iterator id(row.text.begin(), row.text.end(), ids()); id != std::sregex_iterator(); ++id) {
            const std::string before = named(row.text.substr(0, static_cast<std::size_t>(id->position())), names);
            places[id->str()].push_back(std::to_string(before.size()) + " in " + text);
        }
    }
    Names next;
    for (auto& [id, found] : places) {
        std::ranges::sort(found);
        std::string all;
        for (const auto& one : found) all += one + "\n";
        next[id] = "<" + sha256_hex(all).substr(0, 8) + ">";
    }
    return next;
}

CanonicalState::Rows rows_by(const Names& names, const std::vector<Row>& rows) {
    CanonicalState::Rows result;
    for (const auto& row : rows) result[row.table].push_back(named(row.text, names));
    for (auto& [table, texts] : result) std::ranges::sort(texts);
    return result;
}

std::string difference_of(const CanonicalState::Rows& one, const CanonicalState::Rows& other) {
    std::string text;
    std::set<std::string> tables;
    for (const auto& [table, rows] : one) tables.insert(table);
    for (const auto& [table, rows] : other) tables.insert(table);
    for (const auto& table : tables) {
        const auto rows_of = [&](const CanonicalState::Rows& state) {
            const auto found = state.find(table);
            return found == state.end() ? std::vector<std::string>{} : found->second;
        };
        const auto [first, second] = std::pair(rows_of(one), rows_of(other));
        std::vector<std::string> missing;
        std::vector<std::string> more;
        std::ranges::set_difference(first, second, std::back_inserter(missing));
        std::ranges::set_difference(second, first, std::back_inserter(more));
        for (const auto& row : missing) text += table + " - " + row.substr(0, 1000) + "\n";
        for (const auto& row : more) text += table + " + " + row.substr(0, 1000) + "\n";
    }
    return text;
}

}  // namespace

CanonicalState canonical_state(const std::string& data_directory, const std::set<std::string>& except,
                               const std::map<std::string, std::string>& replaced) {
    std::vector<Row> rows;
    CanonicalState state;
    for (const auto& table : tables_of(data_directory)) {
        if (except.contains(table)) continue;
        for (const auto& line : lines_of(read_table(data_directory, table, except)))
            rows.push_back({table, settled(line, replaced)});
    }
    Names names;
    state.levels.push_back(rows_by(names, rows));
    for (int rounds = 0; rounds < 4; ++rounds) {
        names = name_ids(rows, names);
        state.levels.push_back(rows_by(names, rows));
    }
    return state;
}

std::string difference(const CanonicalState& one, const CanonicalState& other) {
    for (std::size_t level = 0; level < one.levels.size(); ++level) {
        const std::string found = difference_of(one.levels[level], other.levels.at(level));
        if (!found.empty()) return "level " + std::to_string(level) + "\n" + found;
    }
    return "";
}

}  // namespace gyre::test
