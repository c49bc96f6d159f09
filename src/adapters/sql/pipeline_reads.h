#pragma once

#include "adapters/sql/connections.h"
#include "ports/pipeline_reads.h"

namespace gyre::sql {

class SqlPipelineReads final : public PipelineReads {
public:
    explicit SqlPipelineReads(Connections& connections) : connections_(connections) {}

    Result<std::vector<ListedPipeline>> pipelines(const PipelineQuery& query) override;
    Result<PipelineId> pipeline_by_number(const ProjectId& project, std::int64_t number) override;
    Result<std::vector<WorkflowId>> workflows_of(const PipelineId& pipeline) override;
    Result<JobPlace> job_by_number(const ProjectId& project, std::int64_t build_num) override;
    Result<std::vector<JobPlace>> recent_jobs(const std::optional<ProjectId>& project, const std::string& branch,
                                              int limit, int offset) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
