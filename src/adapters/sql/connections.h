#pragma once

// The connections to one database, for the stores. Thread-safe. Nothing is answered before it is durable, unless the
// caller says that it may wait: write() returns after the commit.
//
// A body may be called again from its beginning, when the database found that it got in another's way: it changes
// nothing but the database and its own variables, and hands out what it found as its answer.

#include <functional>
#include <optional>
#include <utility>

#include "adapters/sql/database.h"
#include "base/result.h"
#include "ports/durable.h"

namespace gyre::sql {

class Connections {
public:
    virtual ~Connections() = default;

    // Runs `body(Database&)`, which answers a Result, in one transaction: committed if the result is a value, rolled
    // back if it is an error.
    template <typename Body>
    auto write(Body body, Durable durable = Durable::now) -> decltype(body(std::declval<Database&>())) {
        std::optional<decltype(body(std::declval<Database&>()))> answer;
        const auto act = answering(body, answer);
        GYRE_TRY(in_write(std::ref(act), durable));
        return std::move(*answer);
    }

    // Runs `body(Database&)` on one snapshot of the database.
    template <typename Body>
    auto read(Body body) -> decltype(body(std::declval<Database&>())) {
        std::optional<decltype(body(std::declval<Database&>()))> answer;
        const auto act = answering(body, answer);
        GYRE_TRY(in_read(std::ref(act)));
        return std::move(*answer);
    }

    // The same, for whoever would rather hear that the database is away than wait for it.
    template <typename Body>
    auto glance(Body body) -> decltype(body(std::declval<Database&>())) {
        std::optional<decltype(body(std::declval<Database&>()))> answer;
        const auto act = answering(body, answer);
        GYRE_TRY(in_glance(std::ref(act)));
        return std::move(*answer);
    }

protected:
    using Body = std::function<Result<void>(Database&)>;
    // Each begins a transaction, calls `body`, and ends the transaction; an error is the body's or its own.
    virtual Result<void> in_write(const Body& body, Durable durable) = 0;
    virtual Result<void> in_read(const Body& body) = 0;
    virtual Result<void> in_glance(const Body& body) { return in_read(body); }

private:
    template <typename Given, typename Answer>
    static auto answering(Given& body, std::optional<Answer>& answer) {
        return [&body, &answer](Database& database) -> Result<void> {
            answer.emplace(body(database));
            return answer->ok() ? Result<void>() : Result<void>(answer->error());
        };
    }
};

}  // namespace gyre::sql
