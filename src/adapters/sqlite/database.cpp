#include "adapters/sqlite/database.h"

#include <fcntl.h>

#include <optional>
#include <stdexcept>
#include <variant>

#include "base/fd.h"

namespace gyre::sqlite {
namespace {

constexpr int busy_timeout_ms = 5'000;

constexpr const char* both_settings =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;";
// The log is cut back after a burst; FULL makes each commit durable before it is answered.
constexpr const char* write_settings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 67108864;";
constexpr int pages_of_log = 1000;  // then it is moved into the database
constexpr const char* read_settings = "PRAGMA query_only = ON;";

// SQLite would create it readable by everybody; its -wal and -shm files take over the mode.
Result<void> create_private(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return errno_error("opening the database " + path);
    return {};
}

Error constraint(int code, const std::string& text) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return conflict(text);
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return invalid(text + ": something that it refers to does not exist");
        default:
            return invalid(text);
    }
}

// Texts are bound without a copy: execute() ends before its parameters do.
int bind(sqlite3_stmt* statement, int at, const sql::Param& param) {
    if (const auto* number = std::get_if<std::int64_t>(&param)) return sqlite3_bind_int64(statement, at, *number);
    if (const auto* real = std::get_if<double>(&param)) return sqlite3_bind_double(statement, at, *real);
    const auto* text = std::get_if<std::string_view>(&param);
    if (const auto* stored = std::get_if<sql::StoredView>(&param)) text = &stored->text;
    if (!text) return sqlite3_bind_null(statement, at);
    return sqlite3_bind_text64(statement, at, text->data() ? text->data() : "", text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
}

class StatementColumns final : public sql::Columns {
public:
    explicit StatementColumns(sqlite3_stmt* statement) : statement_(statement) {}

    bool null(int at) const override { return sqlite3_column_type(statement_, at) == SQLITE_NULL; }
    std::optional<std::int64_t> integer(int at) const override { return sqlite3_column_int64(statement_, at); }
    double real(int at) const override { return sqlite3_column_double(statement_, at); }
    std::string_view text(int at) const override {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
        return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)))
                     : std::string_view();
    }
    std::string_view name(int at) const override { return sqlite3_column_name(statement_, at); }

private:
    sqlite3_stmt* statement_;
};

}  // namespace

Error Database::error(int code) const {
    const int extended = sqlite3_extended_errcode(handle_.get());
    const std::string text = path_ + ": " + sqlite3_errmsg(handle_.get());
    switch (code & 0xff) {
        case SQLITE_FULL:
            return unavailable(text + ": free some space on its disk");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return corrupt(text + ": restore it from a backup");
        case SQLITE_ERROR:
        case SQLITE_SCHEMA:
            return corrupt(text + ": this is not the schema that this version works with");
        case SQLITE_CONSTRAINT:
            return constraint(extended, text);
        case SQLITE_TOOBIG:
            return too_large(text);
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
            throw std::logic_error(text);
        default:
            return unavailable(text);
    }
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
    const bool writes = access == Access::write;
    if (writes) GYRE_TRY(create_private(path.string()));
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(path.string(), handle);
    if (code != SQLITE_OK) return database.error(code);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    GYRE_TRY(database.script(both_settings));
    GYRE_TRY(database.script(writes ? write_settings : read_settings));
    if (writes) sqlite3_wal_hook(handle, after_commit, database.log_in_doubt_.get());
    return database;
}

Result<void> Database::script(const std::string& sql) {
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error(code);
    return {};
}

Result<void> Database::sync_commits(bool wanted) {
    if (wanted == syncs_) return {};
    GYRE_TRY(script(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
    syncs_ = wanted;
    return {};
}

// What SQLite does by itself, but that a failure is noted. It is none of the commit's: that one is done.
int Database::after_commit(void* log_in_doubt, sqlite3* handle, const char* name, int pages) {
    if (pages < pages_of_log) return SQLITE_OK;
    const int code = sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_IOERR) *static_cast<bool*>(log_in_doubt) = true;
    return SQLITE_OK;
}

Result<void> Database::trust_log() {
    if (!*log_in_doubt_) return {};
    GYRE_TRY_ASSIGN(const auto busy, value<int>("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (busy.value_or(1) != 0) return unavailable(path_ + ": its disk failed, and somebody still reads its log");
    *log_in_doubt_ = false;
    return {};
}

Result<Database::Use> Database::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return error(code);
        found = statements_.try_emplace(std::string(sql), statement).first;
    }
    return Use(found->second.get());
}

Result<std::int64_t> Database::execute(std::string_view sql, std::span<const sql::Param> params, const Act& act) {
    GYRE_TRY_ASSIGN(const Use use, prepare(sql));
    int at = 0;
    for (const auto& param : params) {
        if (bind(use.statement(), ++at, param) != SQLITE_OK) return error(sqlite3_errcode(handle_.get()));
    }
    const StatementColumns columns(use.statement());
    for (;;) {
        const int code = sqlite3_step(use.statement());
        if (code == SQLITE_DONE) return sqlite3_changes64(handle_.get());
        if ((code & 0xff) == SQLITE_IOERR) *log_in_doubt_ = true;
        if (code != SQLITE_ROW) return error(code);
        if (auto acted = act(sql::Row(columns)); !acted) return acted.error().during(path_);
    }
}

// Texts are stored as they are, and compared byte by byte.
std::optional<sql::Stored> Database::after_prefix(std::string_view prefix) const {
    std::string after(prefix);
    while (!after.empty() && after.back() == '\xff') after.pop_back();
    if (after.empty()) return std::nullopt;
    after.back() = static_cast<char>(after.back() + 1);
    return sql::Stored{std::move(after)};
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
    GYRE_TRY(database.run(kind == Kind::immediate ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
    return Transaction(database);
}

Result<void> Transaction::commit() {
    GYRE_TRY(database_->run("COMMIT"));
    database_ = nullptr;
    return {};
}

// After some errors SQLite has rolled back by itself; then there is nothing to do, and it says so.
Transaction::~Transaction() {
    if (database_) (void)database_->run("ROLLBACK");
}

}  // namespace gyre::sqlite
