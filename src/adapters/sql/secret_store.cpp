#include "adapters/sql/secret_store.h"

#include <optional>

#include "adapters/sql/queries.h"
#include "model/queue_rules.h"

namespace gyre::sql {
namespace {

// Changes nothing: of two that count what one owner has, the second begins anew and counts what the first stored.
constexpr std::string_view take_project = "UPDATE projects SET id = id WHERE id = ?";
constexpr std::string_view take_context = "UPDATE contexts SET id = id WHERE id = ?";
// Slugs that begin with "<organization>/": '0' is the character behind '/'.
constexpr std::string_view projects_between = "SELECT id, slug FROM projects WHERE slug > ? AND slug < ? ORDER BY slug";
constexpr std::string_view others_of_owner =
    "SELECT COUNT(*) FROM secrets WHERE kind = ? AND owner_id = ? AND name <> ?";
constexpr std::string_view put_one =
    "INSERT INTO secrets (kind, owner_id, name, project_id, context_id, key_name, sealed, created_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, owner_id, name) DO UPDATE SET"
    " key_name = excluded.key_name, sealed = excluded.sealed, updated_at = excluded.updated_at";
constexpr std::string_view drop_one = "DELETE FROM secrets WHERE kind = ? AND owner_id = ? AND name = ?";
constexpr std::string_view keys_in_use = "SELECT DISTINCT key_name FROM secrets ORDER BY key_name";
constexpr std::string_view of_other_keys =
    "SELECT kind, owner_id, name, key_name, sealed, created_at, updated_at FROM secrets WHERE key_name <> ? LIMIT ?";
constexpr std::string_view replace_text =
    "UPDATE secrets SET key_name = ?, sealed = ? WHERE kind = ? AND owner_id = ? AND name = ? AND sealed = ?";
constexpr std::string_view trusts_forks = "SELECT COUNT(*) FROM projects_that_trust_forks WHERE project_id = ?";
constexpr std::string_view trust_forks =
    "INSERT INTO projects_that_trust_forks (project_id) VALUES (?) ON CONFLICT (project_id) DO NOTHING";
constexpr std::string_view distrust_forks = "DELETE FROM projects_that_trust_forks WHERE project_id = ?";

template <typename... Args>
Result<bool> is_there(Database& database, std::string_view count, const Args&... args) {
    GYRE_TRY_ASSIGN(const auto found, database.value<std::int64_t>(count, args...));
    return found.value_or(0) > 0;
}

template <typename... Args>
Result<std::vector<StoredSecret>> secrets_by(Database& database, std::string_view query, const Args&... args) {
    std::vector<StoredSecret> secrets;
    const auto read = [&](const Row& row) {
        auto& [place, key, sealed, created_at, updated_at] = secrets.emplace_back();
        return row.into(place.kind, place.owner, place.name, key, sealed, created_at, updated_at);
    };
    GYRE_TRY(database.each(query, read, args...));
    return secrets;
}

// The references of a secret to its owner, of which a login has none: an organization is what its projects say.
struct Owner {
    std::optional<std::string> project;
    std::optional<std::string> context;
};

// For an organization its first project is taken.
Result<std::string> project_of_organization(Database& database, const std::string& organization) {
    std::string first;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string id;
        std::string slug;
        GYRE_TRY(row.into(id, slug));
        if (first.empty() && organization_of_slug(slug) == organization) first = id;
        return {};
    };
    GYRE_TRY(database.each(projects_between, read, organization + "/", organization + "0"));
    if (first.empty()) return not_found("there is no such organization");
    return first;
}

Result<Owner> take_owner(Database& database, const SecretPlace& place) {
    if (place.kind == SecretKind::context_variable) {
        GYRE_TRY_ASSIGN(const auto known, database.run(take_context, place.owner));
        if (known == 0) return not_found("there is no such context");
        return Owner{{}, place.owner};
    }
    const bool of_organization = place.kind == SecretKind::registry_login;
    std::string project = place.owner;
    if (of_organization) {
        GYRE_TRY_ASSIGN(project, project_of_organization(database, place.owner));
    }
    GYRE_TRY_ASSIGN(const auto known, database.run(take_project, project));
    if (known == 0) return not_found("there is no such project");
    if (of_organization) return Owner{};
    return Owner{place.owner, {}};
}

}  // namespace

Result<void> SqlSecretStore::put(const StoredSecret& secret, int most) {
    return connections_.write([&](Database& database) -> Result<void> {
        const auto& [kind, owner, name] = secret.place;
        GYRE_TRY_ASSIGN(const Owner references, take_owner(database, secret.place));
        GYRE_TRY_ASSIGN(const auto others, database.value<std::int64_t>(others_of_owner, kind, owner, name));
        if (others.value_or(0) >= most)
            return too_large("there are " + std::to_string(most) + " already, which is the limit: remove one first");
        GYRE_TRY(database.run(put_one, kind, owner, name, references.project, references.context, secret.key,
                              secret.sealed, secret.created_at, secret.updated_at));
        return {};
    });
}

Result<bool> SqlSecretStore::remove(const SecretPlace& place) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto removed, database.run(drop_one, place.kind, place.owner, place.name));
        return removed > 0;
    });
}

Result<std::vector<StoredSecret>> SqlSecretStore::of(SecretKind kind, const std::string& owner) {
    return connections_.read(
        [&](Database& database) { return secrets_by(database, queries::secrets_of_owner, kind, owner); });
}

Result<std::vector<std::string>> SqlSecretStore::keys() {
    return connections_.read([&](Database& database) -> Result<std::vector<std::string>> {
        std::vector<std::string> keys;
        GYRE_TRY(database.each(keys_in_use, [&](const Row& row) { return row.into(keys.emplace_back()); }));
        return keys;
    });
}

Result<std::vector<StoredSecret>> SqlSecretStore::not_sealed_with(const std::string& key, int at_most) {
    return connections_.read([&](Database& database) { return secrets_by(database, of_other_keys, key, at_most); });
}

Result<bool> SqlSecretStore::seal_again(const StoredSecret& was, const std::string& key, const std::string& sealed) {
    return connections_.write([&](Database& database) -> Result<bool> {
        const auto& [kind, owner, name] = was.place;
        GYRE_TRY_ASSIGN(const auto changed, database.run(replace_text, key, sealed, kind, owner, name, was.sealed));
        return changed > 0;
    });
}

Result<bool> SqlSecretStore::given_to_forks(const ProjectId& project) {
    return connections_.read([&](Database& database) { return is_there(database, trusts_forks, project); });
}

Result<void> SqlSecretStore::give_to_forks(const ProjectId& project, bool given) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const bool known, is_there(database, queries::project_there, project));
        if (!known) return not_found("there is no such project");
        GYRE_TRY(database.run(given ? trust_forks : distrust_forks, project));
        return {};
    });
}

}  // namespace gyre::sql
