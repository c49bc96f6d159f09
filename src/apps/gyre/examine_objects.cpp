#include "apps/gyre/examine_objects.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "adapters/sql/dump.h"
#include "apps/gyre/raw_database.h"
#include "output/sealed_reader.h"

namespace gyre::apps {
namespace {

constexpr std::size_t longest_name = 200;

std::optional<std::size_t> place_of(const sql::Table& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &sql::Column::name);
    if (found == table.columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.columns.begin());
}
std::string text_at(const json::array& row, std::optional<std::size_t> place) {
    if (!place || !row[*place].is_string()) return {};
    return std::string(row[*place].get_string());
}

// How people call what a row of a table stands for, and the columns that tell which one it is.
struct Words {
    std::string_view table;
    std::string_view noun;
    std::string_view name;
    std::string_view owner;
    std::string_view owner_id;
};
constexpr Words words[] = {
    {"caches", "cache", "key", "project", "project_id"},
    {"workspace_layers", "workspace layer", "job_name", "job", "job_id"},
    {"artifacts", "artifact", "path", "job", "job_id"},
    {"manifest_trees", "what a replay needs", "", "job", "job_id"},
    {"sealed_outputs", "output", "", "job", "job_id"},
};
std::string words_of(const sql::Table& table, const json::array& row) {
    const auto* found = std::ranges::find(words, table.name, &Words::table);
    if (found == std::end(words)) return "a row of " + table.name;
    std::string text(found->noun);
    if (!found->name.empty()) text += " '" + text_at(row, place_of(table, found->name)).substr(0, longest_name) + "'";
    return text + " of " + std::string(found->owner) + " " + text_at(row, place_of(table, found->owner_id));
}

// In one snapshot of the database. `act(table, row, name)`
template <typename Act>
Result<void> each_named_blob(sql::Database& database, Act act) {
    GYRE_TRY_ASSIGN(const auto transaction, RawTransaction::begin(database, RawAccess::read));
    GYRE_TRY_ASSIGN(const auto tables, sql::tables_of(database));
    for (const auto& table : tables) {
        const auto blob = place_of(table, "blob");
        if (!blob) continue;
        GYRE_TRY(sql::read_rows(database, table, [&](const json::array& row) -> Result<void> {
            return act(table, row, text_at(row, blob));
        }));
    }
    return {};
}

class Look {
public:
    Look(sql::Database& database, BlobStore& blobs, const backup::Watch& watch, std::size_t most)
        : database_(database), blobs_(blobs), watch_(watch), most_(most) {}

    Result<ExaminedObjects> all() {
        GYRE_TRY(read_names());
        GYRE_TRY(read_named());
        GYRE_TRY(read_chunks());
        if (!bad_.empty()) GYRE_TRY(find_lists());
        if (!bad_.empty()) GYRE_TRY(find_users());
        GYRE_TRY(look_again());
        examined_.objects = named_.size() + chunks_.size();
        examined_.chunks = chunks_.size();
        return std::move(examined_);
    }

private:
    Result<void> read_names() {
        const auto take = [&](const sql::Table& table, const json::array& row,
                              const std::string& name) -> Result<void> {
            if (!is_blob_name(name)) {
                if (examined_.findings.size() < most_)
                    examined_.findings.push_back({"blob-name", words_of(table, row) + " names no blob"});
                return {};
            }
            named_.add(name);
            if (backup::names_trees(table.name)) trees_.add(name);
            return {};
        };
        GYRE_TRY(each_named_blob(database_, take));
        named_.settle();
        trees_.settle();
        return {};
    }

    Result<void> read_named() {
        return read(named_, [&](const std::string& name) -> Result<void> {
            if (!trees_.contains(name)) return backup::read_to_end(blobs_, name);
            GYRE_TRY_ASSIGN(const auto chunks, backup::chunks_of(blobs_, name));
            for (const auto& chunk : chunks) {
                if (!named_.contains(chunk)) chunks_.add(chunk);
            }
            // A list was read to its end.
            return chunks.empty() ? backup::read_to_end(blobs_, name) : Result<void>();
        });
    }

    Result<void> read_chunks() {
        chunks_.settle();
        return read(chunks_, [&](const std::string& name) { return backup::read_to_end(blobs_, name); });
    }

    template <typename ReadOne>
    Result<void> read(const backup::Names& names, ReadOne read_one) {
        for (std::size_t at = 0; at < names.size() && bad_.size() < most_; ++at) {
            GYRE_TRY(watch_({"objects", static_cast<std::int64_t>(at) + 1, static_cast<std::int64_t>(names.size())}));
            const std::string name = names.at(at);
            const auto done = read_one(name);
            if (!done && done.error().fault == Fault::unavailable) return done;
            if (!done) bad_[name].name = name;
        }
        return {};
    }

    // Which lists name what is bad.
    Result<void> find_lists() {
        for (std::size_t at = 0; at < trees_.size(); ++at) {
            const std::string tree = trees_.at(at);
            if (bad_.contains(tree)) continue;
            const auto chunks = backup::chunks_of(blobs_, tree);
            if (!chunks && chunks.error().fault == Fault::unavailable) return chunks.error();
            if (!chunks) continue;
            for (const auto& chunk : *chunks) {
                if (bad_.contains(chunk)) lists_[tree].push_back(chunk);
            }
            if (const auto found = lists_.find(tree); found != lists_.end()) {
                std::ranges::sort(found->second);
                found->second.erase(std::ranges::unique(found->second).begin(), found->second.end());
            }
        }
        return {};
    }

    // As the records are now.
    Result<void> find_users() {
        const auto add = [](BadObject& bad, const sql::Table& table, const json::array& row, const std::string& blob) {
            ++bad.uses;
            bad.tables.insert(table.name);
            bad.blobs.insert(blob);
            if (bad.users.size() < most_users) bad.users.push_back(words_of(table, row));
        };
        return each_named_blob(
            database_, [&](const sql::Table& table, const json::array& row, const std::string& name) -> Result<void> {
                if (const auto bad = bad_.find(name); bad != bad_.end()) add(bad->second, table, row, name);
                const auto list = lists_.find(name);
                if (list == lists_.end() || !backup::names_trees(table.name)) return {};
                for (const auto& chunk : list->second) add(bad_.at(chunk), table, row, name);
                return {};
            });
    }

    // A sweep may have taken what nobody names any more, and an agent may have stored it anew.
    Result<void> look_again() {
        for (auto& [name, bad] : bad_) {
            if (bad.uses == 0) continue;
            const auto read = backup::read_to_end(blobs_, name);
            if (read) continue;
            if (read.error().fault == Fault::unavailable) return read;
            bad.damaged = read.error().fault == Fault::corrupt;
            examined_.bad.push_back(std::move(bad));
        }
        return {};
    }

    sql::Database& database_;
    BlobStore& blobs_;
    const backup::Watch& watch_;
    std::size_t most_;
    backup::Names named_;
    backup::Names trees_;   // of them, those that may be lists
    backup::Names chunks_;  // that lists name and rows do not
    std::map<std::string, BadObject> bad_;
    std::map<std::string, std::vector<std::string>> lists_;  // lists with bad chunks, and these
    ExaminedObjects examined_;
};

// How far an output can be read.
Result<void> read_output(BlobStore& blobs, const SealedOutput& sealed, std::int64_t& readable) {
    GYRE_TRY_ASSIGN(const auto reader, output::SealedReader::open(blobs, sealed));
    while (readable < sealed.bytes) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(readable, output::frame_bytes));
        if (piece.empty()) return corrupt("it ends early");
        readable += std::ssize(piece);
    }
    return {};
}

}  // namespace

Result<ExaminedObjects> examine_objects(sql::Database& database, BlobStore& blobs, const backup::Watch& watch,
                                        std::size_t most) {
    return Look(database, blobs, watch, most).all();
}

Result<ExaminedPack> examine_pack(sql::Database& database, BlobStore& blobs, const std::string& blob,
                                  std::size_t most) {
    std::vector<SealedStep> steps;
    GYRE_TRY(database.each(
        "SELECT job_id, task_index, attempt, step_index, blob, part_at, part_bytes, output_bytes FROM sealed_outputs"
        " WHERE blob = ? ORDER BY part_at",
        [&](const sql::Row& row) {
            auto& [name, sealed] = steps.emplace_back();
            return row.into(name.attempt.job, name.attempt.task, name.attempt.attempt, name.step, sealed.blob,
                            sealed.at, sealed.size, sealed.bytes);
        },
        blob));
    ExaminedPack examined{.outputs = std::ssize(steps), .findings = {}};
    for (const auto& [name, sealed] : steps) {
        std::int64_t readable = 0;
        const auto read = read_output(blobs, sealed, readable);
        if (read) continue;
        if (read.error().fault == Fault::unavailable) return read.error();
        if (examined.findings.size() >= most) break;
        examined.findings.push_back(
            {"output-damaged", "the output of step " + std::to_string(name.step) + " of attempt " +
                                   name.attempt.id().text + " can be read up to byte " + std::to_string(readable) +
                                   " of " + std::to_string(sealed.bytes) + ": " + read.error().message});
    }
    return examined;
}

}  // namespace gyre::apps
