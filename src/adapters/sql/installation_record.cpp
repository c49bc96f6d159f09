#include "adapters/sql/installation_record.h"

#include <chrono>

#include "adapters/sql/dump.h"

namespace gyre::sql {
namespace {

constexpr int schema_with_installation = 19;  // db/migrations

Result<std::optional<KnownInstallation>> find_here(Database& database) {
    std::optional<KnownInstallation> found;
    GYRE_TRY(database.each("SELECT id, has_objects, secrets_key FROM installation", [&](const Row& row) {
        auto& known = found.emplace();
        return row.into(known.id, known.has_objects, known.secrets_key);
    }));
    return found;
}

Result<KnownInstallation> must_find(Database& database) {
    GYRE_TRY_ASSIGN(auto found, find_here(database));
    if (!found) return not_found(database.name() + " has no installation's id yet");
    return std::move(*found);
}

}  // namespace

Result<std::optional<KnownInstallation>> find_installation(Database& database) {
    GYRE_TRY_ASSIGN(const int schema, schema_number(database));
    return schema < schema_with_installation ? std::optional<KnownInstallation>() : find_here(database);
}

Result<std::optional<KnownInstallation>> InstallationRecord::find() { return connections_.read(find_here); }

Result<KnownInstallation> InstallationRecord::begin(const std::string& id) {
    return connections_.write([&](Database& database) -> Result<KnownInstallation> {
        GYRE_TRY(
            database.run("INSERT INTO installation (one, id, made_at) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING",
                         id, std::chrono::floor<Duration>(std::chrono::system_clock::now())));
        return must_find(database);
    });
}

Result<void> InstallationRecord::mark_objects(const std::function<Result<void>(const KnownInstallation&)>& put) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run("UPDATE installation SET has_objects = has_objects"));  // holds the row
        GYRE_TRY_ASSIGN(const auto known, must_find(database));
        GYRE_TRY(put(known));
        GYRE_TRY(database.run("UPDATE installation SET has_objects = 1"));
        return {};
    });
}

Result<void> InstallationRecord::note_objects() {
    return connections_.write([](Database& database) -> Result<void> {
        GYRE_TRY(must_find(database));
        GYRE_TRY(database.run("UPDATE installation SET has_objects = 1"));
        return {};
    });
}

Result<std::string> InstallationRecord::agree_on_key(const std::string& name) {
    return connections_.write([&](Database& database) -> Result<std::string> {
        GYRE_TRY(database.run("UPDATE installation SET secrets_key = ? WHERE secrets_key = ''", name));
        GYRE_TRY_ASSIGN(const auto known, must_find(database));
        return known.secrets_key;
    });
}

Result<bool> InstallationRecord::change_key(const std::string& before, const std::string& name) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto changed,
                        database.run("UPDATE installation SET secrets_key = ? WHERE secrets_key = ?", name, before));
        return changed == 1;
    });
}

}  // namespace gyre::sql
