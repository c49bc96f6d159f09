#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/project_store.h"

namespace gyre::memory {

class MemoryProjectStore final : public ProjectStore {
public:
    MemoryProjectStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> add(const Project& project) override;
    Result<void> add_with_refs(const Project& project, const std::map<std::string, std::string>& refs) override;
    Result<Project> change(const ProjectId& id, const ProjectChange& change) override;
    Result<Project> by_slug(const std::string& slug) override;
    Result<Project> by_id(const ProjectId& id) override;
    Result<std::vector<Project>> all() override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

class MemoryTokenStore final : public TokenStore {
public:
    MemoryTokenStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> add(const std::string& sha256_hex, const Token& token) override;
    Result<std::optional<Token>> find(const std::string& sha256_hex) override;
    Result<bool> empty() override;
    Result<void> set_hook_token(const ProjectId& project, const std::string& sha256_hex, Timestamp at) override;
    Result<void> end_hook_token(const ProjectId& project) override;
    Result<std::string> hook_token(const ProjectId& project) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
