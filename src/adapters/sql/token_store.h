#pragma once

#include <functional>
#include <string>

#include "adapters/sql/connections.h"
#include "ports/project_store.h"

namespace gyre::sql {

class SqlTokenStore final : public TokenStore {
public:
    explicit SqlTokenStore(Connections& connections) : connections_(connections) {}

    Result<void> add(const std::string& sha256_hex, const Token& token) override;
    // Only where there is none yet: false, and nothing done, where there is one. Of several servers that do this at
    // once one does. `announce` is called before the token is stored, once or, when the database has to begin anew,
    // more often; it may take long: nobody waits for it but those others.
    Result<bool> add_first(const std::string& sha256_hex, const Token& token,
                           const std::function<Result<void>()>& announce);
    Result<std::optional<Token>> find(const std::string& sha256_hex) override;
    Result<bool> empty() override;
    Result<void> set_hook_token(const ProjectId& project, const std::string& sha256_hex, Timestamp at) override;
    Result<void> end_hook_token(const ProjectId& project) override;
    Result<std::string> hook_token(const ProjectId& project) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
