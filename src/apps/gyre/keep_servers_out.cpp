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
    GYRE_TRY(database->script("BEGIN"));
    GYRE_TRY_ASSIGN(const bool alone, postgres::Bell::nobody_listens(*database));
    if (!alone) return conflict(target->name + " is used by servers: stop all of them first");
    return ServersKeptOut(database.release());
}

}  // namespace gyre::apps
