#pragma once

// One connection to a relational database, as the stores use it: statements with `?` for each parameter, parameters and
// columns bound by their C++ types, errors as ours. Not thread-safe; connections.h shares connections between threads.
//
//     db.run("UPDATE t SET a = ? WHERE b = ?", 1, job_id)                         -> Result<rows changed>
//     db.each("SELECT a, b FROM t", [&](const Row& row) { return row.into(x.a, x.b); })
//
// Types, both ways: string, bool, integers, double, Id, Timestamp (milliseconds), named enums (their names), optional
// (NULL). JSON texts go in as to_json_text(x) and come out by as_json(x). Statements must mean the same in SQLite and
// PostgreSQL; what cannot asks for the dialect(). They are kept prepared, so their texts must be few.
//
// Errors: unavailable (disk full, I/O, locked by another process, no connection), corrupt (damaged, not the schema, or
// a value that the schema does not allow), conflict (a unique index), invalid (a CHECK or a reference), too_large. Each
// names the database.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/sql/dialect.h"
#include "adapters/sql/values.h"
#include "base/result.h"

namespace gyre::sql {

class Database {
public:
    virtual ~Database() = default;

    template <typename... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args) {
        const std::array<Param, sizeof...(Args)> params{to_param(args)...};
        return execute(sql, params, [](const Row&) { return Result<void>(); });
    }

    // As run(), for whom nothing depends on the answer: it need not be waited for. An error may come with a later
    // statement, or with the end of the transaction.
    template <typename... Args>
    Result<void> put(std::string_view sql, const Args&... args) {
        const std::array<Param, sizeof...(Args)> params{to_param(args)...};
        return execute_later(sql, params, nullptr);
    }

    // As put(), for what must change exactly one row: `otherwise` is the error when it does not.
    template <typename... Args>
    Result<void> put_one(const Error& otherwise, std::string_view sql, const Args&... args) {
        const std::array<Param, sizeof...(Args)> params{to_param(args)...};
        return execute_later(sql, params, &otherwise);
    }

    // Calls `act(row)`, which answers Result<void>, for each row.
    template <typename Act, typename... Args>
    Result<void> each(std::string_view sql, Act act, const Args&... args) {
        const std::array<Param, sizeof...(Args)> params{to_param(args)...};
        GYRE_TRY(execute(sql, params, std::ref(act)));
        return {};
    }

    // The same, for those who learn the parameters at run time.
    Result<std::int64_t> run_with(std::string_view sql, std::span<const Param> params) {
        return execute(sql, params, [](const Row&) { return Result<void>(); });
    }
    Result<void> each_with(std::string_view sql, std::span<const Param> params,
                           const std::function<Result<void>(const Row&)>& act) {
        GYRE_TRY(execute(sql, params, act));
        return {};
    }

    // The value in the only column of the first row, if there is a row.
    template <typename T, typename... Args>
    Result<std::optional<T>> value(std::string_view sql, const Args&... args) {
        std::optional<T> found;
        GYRE_TRY(each(
            sql, [&](const Row& row) { return found ? Result<void>() : row.into(found.emplace()); }, args...));
        return found;
    }

    virtual Result<void> script(const std::string& sql) = 0;  // several statements without parameters
    // The first text, in the order of the database, behind all that begin with the prefix; nothing: there is none.
    virtual std::optional<Stored> after_prefix(std::string_view prefix) const = 0;
    virtual Dialect dialect() const = 0;
    virtual const std::string& name() const = 0;  // for people; no secrets

protected:
    Database() = default;
    Database(Database&&) = default;
    Database& operator=(Database&&) = default;

    using Act = std::function<Result<void>(const Row&)>;
    // Runs one statement to its end, each row handed to `act`; answers how many rows it changed.
    virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Param> params, const Act& act) = 0;
    // `unless_one`: the error when not exactly one row was changed; may be null.
    virtual Result<void> execute_later(std::string_view sql, std::span<const Param> params, const Error* unless_one) {
        GYRE_TRY_ASSIGN(const auto changed, execute(sql, params, [](const Row&) { return Result<void>(); }));
        if (unless_one && changed != 1) return *unless_one;
        return {};
    }
};

}  // namespace gyre::sql
