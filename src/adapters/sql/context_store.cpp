#include "adapters/sql/context_store.h"

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view count_of_organization = "SELECT COUNT(*) FROM contexts WHERE organization = ?";
constexpr std::string_view put_context =
    "INSERT INTO contexts (id, organization, name, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (organization, name) DO NOTHING";
constexpr std::string_view drop_variables = "DELETE FROM secrets WHERE kind = 'context_variable' AND owner_id = ?";
constexpr std::string_view drop_restrictions = "DELETE FROM context_restrictions WHERE context_id = ?";
constexpr std::string_view drop_context = "DELETE FROM contexts WHERE id = ?";
constexpr std::string_view of_organization =
    "SELECT id, organization, name, created_at FROM contexts WHERE organization = ? ORDER BY name";
constexpr std::string_view with_id = "SELECT id, organization, name, created_at FROM contexts WHERE id = ?";
constexpr std::string_view with_name =
    "SELECT id, organization, name, created_at FROM contexts WHERE organization = ? AND name = ?";
// Changes nothing: of two that count what a context has, the second begins anew and counts what the first stored.
constexpr std::string_view take_context = "UPDATE contexts SET id = id WHERE id = ?";
constexpr std::string_view count_restrictions = "SELECT COUNT(*) FROM context_restrictions WHERE context_id = ?";
constexpr std::string_view put_restriction =
    "INSERT INTO context_restrictions (id, context_id, project_id) VALUES (?, ?, ?)"
    " ON CONFLICT (context_id, project_id) DO NOTHING";
constexpr std::string_view drop_restriction = "DELETE FROM context_restrictions WHERE context_id = ? AND id = ?";
constexpr std::string_view of_context =
    "SELECT id, project_id FROM context_restrictions WHERE context_id = ? ORDER BY project_id";

template <typename... Args>
Result<std::vector<Context>> contexts_by(Database& database, std::string_view query, const Args&... args) {
    std::vector<Context> contexts;
    const auto read = [&](const Row& row) {
        auto& [id, organization, name, at] = contexts.emplace_back();
        return row.into(id, organization, name, at);
    };
    GYRE_TRY(database.each(query, read, args...));
    return contexts;
}

template <typename... Args>
Result<std::optional<Context>> context_by(Database& database, std::string_view query, const Args&... args) {
    GYRE_TRY_ASSIGN(auto found, contexts_by(database, query, args...));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

Result<void> SqlContextStore::add(const Context& context) {
    return connections_.write([&](Database& database) -> Result<void> {
        // Before the transaction's snapshot is made, so that whoever comes second counts what the first one stored.
        if (database.dialect() == Dialect::postgres)
            GYRE_TRY(database.script("LOCK TABLE contexts IN SHARE UPDATE EXCLUSIVE MODE"));
        GYRE_TRY_ASSIGN(const auto count, database.value<std::int64_t>(count_of_organization, context.organization));
        if (count.value_or(0) >= most_contexts) return too_large("an organization may have 500 contexts");
        GYRE_TRY_ASSIGN(const auto added,
                        database.run(put_context, context.id, context.organization, context.name, context.created_at));
        if (added == 0) return conflict("there is a context '" + context.name + "' already");
        return {};
    });
}

Result<bool> SqlContextStore::remove(const ContextId& id) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY(database.run(drop_variables, id));
        GYRE_TRY(database.run(drop_restrictions, id));
        GYRE_TRY_ASSIGN(const auto removed, database.run(drop_context, id));
        return removed > 0;
    });
}

Result<std::vector<Context>> SqlContextStore::of(const std::string& organization) {
    return connections_.read([&](Database& database) { return contexts_by(database, of_organization, organization); });
}

Result<std::optional<Context>> SqlContextStore::by_id(const ContextId& id) {
    return connections_.read([&](Database& database) { return context_by(database, with_id, id); });
}

Result<std::optional<Context>> SqlContextStore::by_name(const std::string& organization, const std::string& name) {
    return connections_.read([&](Database& database) { return context_by(database, with_name, organization, name); });
}

Result<void> SqlContextStore::allow_only(const ContextId& id, const ContextRestriction& restriction) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto known, database.run(take_context, id));
        GYRE_TRY_ASSIGN(const auto project, database.value<std::int64_t>(queries::project_there, restriction.project));
        if (known == 0) return not_found("there is no such context");
        if (project.value_or(0) == 0) return not_found("there is no such project");
        GYRE_TRY_ASSIGN(const auto count, database.value<std::int64_t>(count_restrictions, id));
        if (count.value_or(0) >= most_restrictions) return too_large("a context may have 100 restrictions");
        GYRE_TRY_ASSIGN(const auto added, database.run(put_restriction, restriction.id, id, restriction.project));
        if (added == 0) return conflict("the project is let in already");
        return {};
    });
}

Result<bool> SqlContextStore::lift(const ContextId& id, const std::string& restriction) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto removed, database.run(drop_restriction, id, restriction));
        return removed > 0;
    });
}

Result<std::vector<ContextRestriction>> SqlContextStore::restrictions(const ContextId& id) {
    return connections_.read([&](Database& database) -> Result<std::vector<ContextRestriction>> {
        std::vector<ContextRestriction> found;
        const auto read = [&](const Row& row) {
            auto& [name, project] = found.emplace_back();
            return row.into(name, project);
        };
        GYRE_TRY(database.each(of_context, read, id));
        return found;
    });
}

}  // namespace gyre::sql
