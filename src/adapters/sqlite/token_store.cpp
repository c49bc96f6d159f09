#include "adapters/sqlite/token_store.h"

namespace gyre::sqlite {
namespace {

constexpr std::string_view insert_token =
    "INSERT INTO tokens (sha256, label, login, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING";

}  // namespace

Result<void> SqliteTokenStore::add(const std::string& sha256_hex, const Token& token) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto added,
                        database.run(insert_token, sha256_hex, token.label, token.login, token.created_at));
        if (added == 0) return conflict("the token exists already");
        return {};
    });
}

Result<std::optional<Token>> SqliteTokenStore::find(const std::string& sha256_hex) {
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

Result<bool> SqliteTokenStore::empty() {
    return connections_.read([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto any, database.value<int>("SELECT 1 FROM tokens LIMIT 1"));
        return !any.has_value();
    });
}

}  // namespace gyre::sqlite
