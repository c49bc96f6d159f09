#pragma once

#include "adapters/sql/connections.h"
#include "ports/push_store.h"

namespace gyre::sql {

class SqlPushStore final : public PushStore {
public:
    explicit SqlPushStore(Connections& connections) : connections_(connections) {}

    Result<std::int64_t> newest(const ProjectId& project) override;
    Result<std::optional<std::map<std::string, std::string>>> seen_refs(const ProjectId& project) override;
    Result<void> remember_refs(const ProjectId& project, const std::map<std::string, std::string>& refs) override;
    Result<RefTrail> trail(const ProjectId& project, const std::string& ref, const std::string& delivery) override;
    Result<bool> commit(const PushChange& change) override;
    Result<std::vector<StoredPush>> open(const ProjectId& project) override;
    Result<void> close(const ProjectId& project, std::int64_t number, const PipelineId& pipeline,
                       const std::string& note) override;

private:
    Connections& connections_;
};

// Where the refs of a project stand, and that it was looked at; within a transaction.
Result<void> put_refs(Database& database, const ProjectId& project, const std::map<std::string, std::string>& refs);

}  // namespace gyre::sql
