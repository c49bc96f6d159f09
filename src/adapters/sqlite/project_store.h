#pragma once

#include "adapters/sqlite/connections.h"
#include "ports/project_store.h"

namespace gyre::sqlite {

class SqliteProjectStore final : public ProjectStore {
public:
    explicit SqliteProjectStore(Connections& connections) : connections_(connections) {}

    Result<void> add(const Project& project) override;
    Result<void> update(const Project& project) override;
    Result<Project> by_slug(const std::string& slug) override;
    Result<Project> by_id(const ProjectId& id) override;
    Result<std::vector<Project>> all() override;
    Result<std::string> seen_revision(const ProjectId& project, const std::string& ref) override;
    Result<void> set_seen_revision(const ProjectId& project, const std::string& ref,
                                   const std::string& revision) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sqlite
