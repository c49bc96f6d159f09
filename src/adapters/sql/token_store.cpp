#include "adapters/sql/token_store.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_token =
    "INSERT INTO tokens (sha256, label, login, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING";
constexpr std::string_view put_hook_token =
    "INSERT INTO hook_tokens (project_id, sha256, created_at) VALUES (?, ?, ?)"
    " ON CONFLICT (project_id) DO UPDATE SET sha256 = excluded.sha256, created_at = excluded.created_at";

}  // namespace

Result<void> SqlTokenStore::add(const std::string& sha256_hex, const Token& token) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto added,
                        database.run(insert_token, sha256_hex, token.label, token.login, token.created_at));
        if (added == 0) return conflict("the token exists already");
        return {};
    });
}

Result<bool> SqlTokenStore::add_first(const std::string& sha256_hex, const Token& token,
                                      const std::function<Result<void>()>& announce) {
    GYRE_TRY_ASSIGN(const bool none, empty());
    if (!none) return false;
    // A transaction that reads: what waits for people may take its time, and must not hold up whoever writes.
    return connections_.read([&](Database& database) -> Result<bool> {
        // Before the transaction's snapshot is made: whoever comes second sees what the first one stored. The weakest
        // lock that only one may have.
        if (database.dialect() == Dialect::postgres)
            GYRE_TRY(database.script("LOCK TABLE tokens IN SHARE UPDATE EXCLUSIVE MODE"));
        GYRE_TRY_ASSIGN(const auto any, database.value<int>("SELECT 1 FROM tokens LIMIT 1"));
        if (any) return false;
        GYRE_TRY(announce());
        GYRE_TRY(add(sha256_hex, token));
        return true;
    });
}

Result<std::optional<Token>> SqlTokenStore::find(const std::string& sha256_hex) {
    return connections_.read([&](Database& database) -> Result<std::optional<Token>> {
        std::optional<Token> found;
        const auto read = [&](const Row& row) {
            auto& token = found.emplace();
            return row.into(token.label, token.login, token.created_at);
        };
        GYRE_TRY(database.each("SELECT label, login, created_at FROM tokens WHERE sha256 = ?", read, sha256_hex));
        return found;
    });
}

Result<bool> SqlTokenStore::empty() {
    return connections_.read([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto any, database.value<int>("SELECT 1 FROM tokens LIMIT 1"));
        return !any.has_value();
    });
}

Result<void> SqlTokenStore::set_hook_token(const ProjectId& project, const std::string& sha256_hex, Timestamp at) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run(put_hook_token, project, sha256_hex, at));
        return {};
    });
}

Result<void> SqlTokenStore::end_hook_token(const ProjectId& project) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run("DELETE FROM hook_tokens WHERE project_id = ?", project));
        return {};
    });
}

Result<std::string> SqlTokenStore::hook_token(const ProjectId& project) {
    return connections_.read([&](Database& database) -> Result<std::string> {
        GYRE_TRY_ASSIGN(auto hash,
                        database.value<std::string>("SELECT sha256 FROM hook_tokens WHERE project_id = ?", project));
        return std::move(hash).value_or("");
    });
}

}  // namespace gyre::sql
