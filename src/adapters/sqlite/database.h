#pragma once

// A thin owner of one SQLite connection: prepared statements that live as long as it, parameters and columns bound by
// their C++ types, errors as ours. Not thread-safe; connections.h shares connections between threads.
//
//     db.run("UPDATE t SET a = ? WHERE b = ?", 1, job_id)                         -> Result<rows changed>
//     db.each("SELECT a, b FROM t", [&](const Row& row) { return row.into(x.a, x.b); })
//
// Types, both ways: string, bool, integers, double, Id, Timestamp (milliseconds), named enums (their names), optional
// (NULL). JSON texts go in as to_json_text(x) and come out by as_json(x).
//
// Errors: unavailable (disk full, I/O, locked by another process, no permission), corrupt (not a database, damaged, or
// a value that the schema does not allow), conflict (a unique index), invalid (a CHECK or a reference), too_large. Each
// names the file.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/values.h"
#include "base/result.h"

namespace gyre::sqlite {

class Database {
public:
    enum class Access { write, read };

    // `write` creates the file (readable by its owner only) and sets WAL and synchronous=FULL; `read` refuses writes.
    static Result<Database> open(const std::filesystem::path& path, Access access);

    template <typename... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args) {
        GYRE_TRY(each(
            sql, [](const Row&) { return Result<void>(); }, args...));
        return sqlite3_changes64(handle_.get());
    }

    // Calls `act(row)`, which answers Result<void>, for each row.
    template <typename Act, typename... Args>
    Result<void> each(std::string_view sql, Act act, const Args&... args) {
        GYRE_TRY_ASSIGN(const Use use, prepare(sql));
        int at = 0;
        if (!(bind_value(use.statement(), ++at, args) && ...)) return error(sqlite3_errcode(handle_.get()));
        for (;;) {
            const int code = sqlite3_step(use.statement());
            if (code == SQLITE_DONE) return {};
            if (code != SQLITE_ROW) return error(code);
            if (auto acted = act(Row(use.statement())); !acted) return acted.error().during(path_);
        }
    }

    // The value in the only column of the first row, if there is a row.
    template <typename T, typename... Args>
    Result<std::optional<T>> value(std::string_view sql, const Args&... args) {
        std::optional<T> found;
        GYRE_TRY(each(
            sql, [&](const Row& row) { return found ? Result<void>() : row.into(found.emplace()); }, args...));
        return found;
    }

    Result<void> script(const std::string& sql);  // several statements without parameters
    // Whether commits from now on wait for the disk. Never within a transaction.
    Result<void> sync_commits(bool wanted);
    Error error(int code) const;  // of the last call on this connection
    const std::string& path() const { return path_; }

private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    // One execution of a cached statement; resets it at the end.
    class Use {
    public:
        explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
        Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
        Use& operator=(Use&&) = delete;
        ~Use() {
            if (statement_) sqlite3_reset(statement_);
        }
        sqlite3_stmt* statement() const { return statement_; }

    private:
        sqlite3_stmt* statement_;
    };

    Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
    Result<Use> prepare(std::string_view sql);

    std::string path_;
    bool syncs_ = true;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, TextHash, std::equal_to<>> statements_;
};

// Rolls back unless commit() succeeded. `immediate` takes the write lock at once; `deferred` is a snapshot for reads.
class Transaction {
public:
    enum class Kind { immediate, deferred };

    static Result<Transaction> begin(Database& database, Kind kind);
    Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace gyre::sqlite
