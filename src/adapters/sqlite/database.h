#pragma once

// A thin owner of one SQLite connection, with prepared statements that live as long as it. Not thread-safe;
// connections.h shares connections between threads. Errors name the file.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "adapters/sql/database.h"
#include "base/result.h"

namespace gyre::sqlite {

class Database final : public sql::Database {
public:
    enum class Access { write, read };

    // `write` creates the file (readable by its owner only) and sets WAL and synchronous=FULL; `read` refuses writes.
    static Result<Database> open(const std::filesystem::path& path, Access access);

    Result<void> script(const std::string& sql) override;
    std::optional<sql::Stored> after_prefix(std::string_view prefix) const override;
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    const std::string& name() const override { return path_; }
    // Whether commits from now on wait for the disk. Never within a transaction.
    Result<void> sync_commits(bool wanted);
    // Call it before a transaction that writes. After a failed sync the kernel takes what it could not write for
    // written: the next sync of the log succeeds, and with a power cut all that stands behind the gap would be lost.
    // Then nothing more is written until the database has taken over all that the log holds, and the log begins anew.
    Result<void> trust_log();

protected:
    Result<std::int64_t> execute(std::string_view sql, std::span<const sql::Param> params, const Act& act) override;

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
    Error error(int code) const;  // of the last call on this connection
    static int after_commit(void* log_in_doubt, sqlite3* handle, const char* name, int pages);

    std::string path_;
    bool syncs_ = true;
    std::unique_ptr<bool> log_in_doubt_ = std::make_unique<bool>(false);  // SQLite holds a pointer to it
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
