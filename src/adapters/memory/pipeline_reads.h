#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/pipeline_reads.h"

namespace gyre::memory {

class MemoryPipelineReads final : public PipelineReads {
public:
    MemoryPipelineReads(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::vector<ListedPipeline>> pipelines(const PipelineQuery& query) override;
    Result<PipelineId> pipeline_by_number(const ProjectId& project, std::int64_t number) override;
    Result<std::vector<WorkflowId>> workflows_of(const PipelineId& pipeline) override;
    Result<JobPlace> job_by_number(const ProjectId& project, std::int64_t build_num) override;
    Result<std::vector<JobPlace>> recent_jobs(const std::optional<ProjectId>& project, const std::string& branch,
                                              int limit, int offset) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
