#include "adapters/postgres/errors.h"

#include <array>

namespace gyre::postgres {
namespace {

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text ? text : "";
}

struct Meaning {
    std::string_view state;  // the whole of it, or its first characters
    Fault fault;
    std::string_view advice;
    Remedy remedy = Remedy::none;
};
// The first that fits counts.
constexpr std::array<Meaning, 31> meanings{{
    {"23505", Fault::conflict, ""},
    {"23503", Fault::invalid, ": something that it refers to does not exist"},
    {"23", Fault::invalid, ""},
    {"22", Fault::invalid, ""},
    {"40001", Fault::unavailable, ": too much changes at once; try again", Remedy::again},
    {"40P01", Fault::unavailable, ": too much changes at once; try again", Remedy::again},
    {"40", Fault::unavailable, "", Remedy::again},
    {"54", Fault::too_large, ""},
    {"53100", Fault::unavailable, ": free some space on the disk of PostgreSQL"},
    {"53300", Fault::unavailable, ": raise max_connections, or lower the setting database_connections"},
    {"53", Fault::unavailable, ""},
    {"57014", Fault::unavailable, ": it took too long; try again"},
    {"55P03", Fault::unavailable, ": another transaction takes too long; try again"},
    {"57P", Fault::unavailable, "", Remedy::reconnect},
    {"08", Fault::unavailable, "", Remedy::reconnect},
    {"25P03", Fault::unavailable, "", Remedy::reconnect},  // idle in a transaction for too long
    {"25006", Fault::unavailable, ": it takes no writes; name the primary server", Remedy::reconnect},
    {"26000", Fault::unavailable, ": a pooler between us must pool sessions, not transactions", Remedy::reconnect},
    {"0A000", Fault::unavailable, ": the schema changed meanwhile", Remedy::reconnect},
    {"XX001", Fault::corrupt, ": restore it from a backup"},
    {"XX002", Fault::corrupt, ": rebuild the index, or restore it from a backup"},
    {"3D000", Fault::unavailable, ": create it (see docs/admin/postgresql.md)"},
    {"3F000", Fault::corrupt, ": this is not the schema that this version works with"},
    {"42501", Fault::unavailable, ": let Gyre's user own the database (see docs/admin/postgresql.md)"},
    {"42P", Fault::corrupt, ": this is not the schema that this version works with"},
    {"42", Fault::corrupt, ": this is not the schema that this version works with"},
    {"28", Fault::unavailable, ": check user and password (see docs/admin/postgresql.md)"},
    {"58", Fault::unavailable, ""},
    {"0B", Fault::unavailable, "", Remedy::reconnect},
    {"25", Fault::unavailable, "", Remedy::reconnect},
    {"", Fault::unavailable, ""},
}};

}  // namespace

Failure failure_of(const std::string& name, std::string_view state, const std::string& message) {
    for (const auto& meaning : meanings) {
        if (!state.starts_with(meaning.state)) continue;
        return {{meaning.fault, name + ": " + message + std::string(meaning.advice)}, meaning.remedy};
    }
    return {unavailable(name + ": " + message), Remedy::none};
}

Failure failure_of(const std::string& name, const PGresult* result) {
    std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) message = "it gave no answer";
    const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    if (!constraint.empty() && message.find(constraint) == std::string::npos) message += " (" + constraint + ")";
    return failure_of(name, field(result, PG_DIAG_SQLSTATE), message);
}

}  // namespace gyre::postgres
