#pragma once

#include "adapters/sql/connections.h"
#include "ports/project_store.h"

namespace gyre::sql {

class SqlProjectStore final : public ProjectStore {
public:
    explicit SqlProjectStore(Connections& connections) : connections_(connections) {}

    Result<void> add(const Project& project) override;
    Result<void> add_with_refs(const Project& project, const std::map<std::string, std::string>& refs) override;
    Result<Project> change(const ProjectId& id, const ProjectChange& change) override;
    Result<Project> by_slug(const std::string& slug) override;
    Result<Project> by_id(const ProjectId& id) override;
    Result<std::vector<Project>> all() override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
