#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/workflow_store.h"

namespace gyre::memory {

class MemoryWorkflowStore final : public WorkflowStore {
public:
    MemoryWorkflowStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<Numbers> reserve(const ProjectId& project, bool pipeline, int builds) override;
    Result<Committed> commit(const Commit& commit) override;
    Result<Workflow> load(const WorkflowId& id) override;
    Result<WorkflowId> workflow_of(const JobId& job) override;
    Result<Pipeline> load_pipeline(const PipelineId& id) override;
    Result<std::vector<WorkflowId>> unfinished() override;
    Result<std::vector<OpenWorkflow>> unfinished_on(const ProjectId& project, const std::string& branch) override;
    Result<std::optional<std::int64_t>> number_before(const ProjectId& project, const std::string& branch,
                                                      std::int64_t number) override;
    Result<std::vector<SerialHold>> serial_holds() override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
