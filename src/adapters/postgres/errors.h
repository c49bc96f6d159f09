#pragma once

// What PostgreSQL says, as our errors. The texts of its messages are shown, their details never: those hold values.

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::postgres {

// What can be done about a statement that failed.
enum class Remedy {
    none,
    again,      // the transaction got in another's way: do it again from its beginning
    reconnect,  // the connection is of no use any more, and what was not committed never happened
};

struct Failure {
    Error error;
    Remedy remedy = Remedy::none;
};

Failure failure_of(const std::string& name, const PGresult* result);
// `state`: five characters (SQLSTATE), https://www.postgresql.org/docs/15/errcodes-appendix.html
Failure failure_of(const std::string& name, std::string_view state, const std::string& message);

}  // namespace gyre::postgres
