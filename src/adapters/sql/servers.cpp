#include "adapters/sql/servers.h"

#include "adapters/sql/queries.h"

namespace gyre::sql {

Result<void> Servers::arrive(const std::string& name, const std::string& signing_key) {
    return connections_.write([&](Database& database) -> Result<void> {
        const std::string now(queries::now_of(database.dialect()));
        GYRE_TRY(database.run("INSERT INTO servers (name, signing_key, started_at, seen_at) VALUES (?, ?, " + now +
                                  ", " + now +
                                  ") ON CONFLICT (name) DO UPDATE SET signing_key = excluded.signing_key,"
                                  " started_at = excluded.started_at, seen_at = excluded.seen_at",
                              name, signing_key));
        return {};
    });
}

Result<void> Servers::say_alive(const std::string& name, const std::string& signing_key) {
    const auto say = [&](Database& database) -> Result<std::int64_t> {
        return database.run(
            "UPDATE servers SET seen_at = " + std::string(queries::now_of(database.dialect())) + " WHERE name = ?",
            name);
    };
    GYRE_TRY_ASSIGN(const auto known, connections_.write(say, Durable::some_day));
    return known > 0 ? Result<void>() : arrive(name, signing_key);
}

Result<std::vector<KnownServer>> Servers::all() {
    return connections_.read([&](Database& database) -> Result<std::vector<KnownServer>> {
        std::vector<KnownServer> servers;
        const auto read = [&](const Row& row) {
            auto& server = servers.emplace_back();
            return row.into(server.name, server.started_at, server.seen_at, server.signing_key);
        };
        GYRE_TRY(database.each("SELECT name, started_at, seen_at, signing_key FROM servers ORDER BY name", read));
        return servers;
    });
}

Result<void> Servers::forget(const std::string& name) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run("UPDATE queue SET claimed_until = 0 WHERE claimed_by = ?", name));
        GYRE_TRY(database.run("UPDATE outbox SET claimed_until = 0 WHERE claimed_by = ?", name));
        GYRE_TRY(database.run("DELETE FROM servers WHERE name = ?", name));
        return {};
    });
}

}  // namespace gyre::sql
