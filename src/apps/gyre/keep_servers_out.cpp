#include "apps/gyre/keep_servers_out.h"

#include "adapters/postgres/bell.h"

namespace gyre::apps {

void LetServersIn::operator()(postgres::Database* database) const {
    (void)database->script("ROLLBACK");
    delete database;
}

Result<ServersKeptOut> keep_servers_out(const ServerSettings& settings) {
    if (settings.database.empty()) return ServersKeptOut();
    const auto target = postgres::read_target(settings.database);
    if (!target) return target.error().during("setting database");
    GYRE_TRY_ASSIGN(auto database, postgres::Database::open(*target));
    // It says nothing for as long as the work takes.
    GYRE_TRY(database->script("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"));
    GYRE_TRY_ASSIGN(const bool alone, postgres::Bell::nobody_listens(*database));
    if (!alone) return conflict(target->name + " is used by servers: stop all of them first");
    return ServersKeptOut(database.release());
}

Result<void> still_kept_out(const ServersKeptOut& held) {
    if (!held) return {};
    const auto alone = postgres::Bell::nobody_listens(*held);
    if (alone && *alone) return {};
    return conflict(held->name() + ": the connection that keeps servers out is gone" +
                    (alone ? "" : " (" + alone.error().message + ")") +
                    "; what was done lasts: see to it that no server runs, and begin again");
}

}  // namespace gyre::apps
