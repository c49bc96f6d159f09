#pragma once

// A thin owner of one connection to PostgreSQL, with prepared statements that live as long as it. Not thread-safe;
// connections.h shares connections between threads. Every wait has an end: what the server does not answer in time
// ends the connection, and the server ends what was going on in it.

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/postgres/errors.h"
#include "adapters/postgres/target.h"
#include "adapters/sql/database.h"
#include "base/result.h"

namespace gyre::postgres {

struct Patience {
    std::chrono::seconds connect{5};
    std::chrono::seconds statement{30};  // the server ends what takes longer
    std::chrono::seconds lock{10};       // likewise, what waits for another transaction
    std::chrono::seconds answer{35};     // we hang up on what is not answered by then
};

class Database final : public sql::Database {
public:
    static Result<std::unique_ptr<Database>> open(const Target& target, const Patience& patience = {});

    Result<void> script(const std::string& sql) override;
    sql::Dialect dialect() const override { return sql::Dialect::postgres; }
    const std::string& name() const override { return name_; }
    std::optional<sql::Stored> after_prefix(std::string_view prefix) const override;

    // From now on, we hang up on what is not answered after so long.
    void wait_at_most(std::chrono::seconds answer) { patience_.answer = answer; }
    // What could be done about the last statement that failed since this was asked.
    Remedy take_remedy() { return std::exchange(remedy_, Remedy::none); }
    // Begins a transaction with these statements, and does not wait for their answers.
    Result<void> begin(std::span<const std::string_view> statements);
    // Ends the transaction; an error leaves open whether it was committed when the connection broke meanwhile.
    Result<void> commit();
    bool connected() const { return PQstatus(handle_.get()) == CONNECTION_OK; }
    PGconn* handle() const { return handle_.get(); }

protected:
    Result<std::int64_t> execute(std::string_view sql, std::span<const sql::Param> params, const Act& act) override;
    Result<void> execute_later(std::string_view sql, std::span<const sql::Param> params,
                               const Error* unless_one) override;

private:
    struct Finish {
        void operator()(PGconn* handle) const { PQfinish(handle); }
    };
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    using Answer = std::unique_ptr<PGresult, Clear>;
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    Database(PGconn* handle, std::string name, const Patience& patience)
        : handle_(handle), name_(std::move(name)), patience_(patience) {}
    Result<void> begin_session();
    // Statements are sent one after another and their answers read together (libpq's pipeline).
    Result<void> send(std::string_view sql, std::span<const sql::Param> params);
    Result<Answer> settle();  // waits for all that was sent: the last answer, or the first error
    bool expects_something() const;
    Result<Answer> next_answer(std::chrono::steady_clock::time_point until);  // null: no more of this statement
    Error give_up();
    Error failed(Failure failure);
    Error hung_up();
    bool wait(std::chrono::steady_clock::time_point until);

    std::unique_ptr<PGconn, Finish> handle_;
    std::string name_;
    Patience patience_;
    Remedy remedy_ = Remedy::none;
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> statements_;  // texts to names
    int names_ = 0;                                                                       // given to statements so far
    // What was sent and is not answered, in order.
    struct Unread {
        std::string prepared;             // the text that is prepared; empty: it is executed
        std::optional<Error> unless_one;  // the error when it did not change exactly one row
    };
    std::vector<Unread> unread_;
};

}  // namespace gyre::postgres
