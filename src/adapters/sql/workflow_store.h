#pragma once

#include "adapters/sql/connections.h"
#include "ports/workflow_store.h"

namespace gyre::sql {

class SqlWorkflowStore final : public WorkflowStore {
public:
    explicit SqlWorkflowStore(Connections& connections) : connections_(connections) {}

    Result<Numbers> reserve(const ProjectId& project, bool pipeline, int builds) override;
    Result<Committed> commit(const Commit& commit) override;
    Result<std::size_t> commit_all(std::span<const Commit> commits) override;
    Result<Workflow> load(const WorkflowId& id) override;
    Result<WorkflowId> workflow_of(const JobId& job) override;
    Result<Workflow> load_job(const JobId& job) override;
    Result<Pipeline> load_pipeline(const PipelineId& id) override;
    Result<std::vector<WorkflowId>> unfinished() override;
    Result<std::vector<OpenWorkflow>> unfinished_on(const ProjectId& project, const std::string& branch) override;
    Result<std::optional<std::int64_t>> number_before(const ProjectId& project, const std::string& branch,
                                                      std::int64_t number) override;
    Result<std::vector<SerialHold>> serial_holds() override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
