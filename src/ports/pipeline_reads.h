#pragma once

// Reads for people and API clients. Lists are newest first; a page holds at most `limit` items, and `before` (the
// number or position of the last item seen, 0 for the first page) asks for the next. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/pipeline.h"
#include "model/workflow.h"

namespace gyre {

struct PipelineQuery {
    std::optional<ProjectId> project;  // none: all projects
    std::string branch;                // empty: all
    std::int64_t before = 0;           // position returned with the last item
    int limit = 20;
};

struct ListedPipeline {
    std::int64_t position = 0;  // order of creation over all projects
    Pipeline pipeline;          // without plan and config_source
};

// A job with the workflow and pipeline it stands in.
struct JobPlace {
    PipelineId pipeline;
    WorkflowId workflow;
    std::size_t position = 0;  // in Workflow::jobs
};

class PipelineReads {
public:
    virtual ~PipelineReads() = default;
    virtual Result<std::vector<ListedPipeline>> pipelines(const PipelineQuery& query) = 0;
    virtual Result<PipelineId> pipeline_by_number(const ProjectId& project, std::int64_t number) = 0;
    virtual Result<std::vector<WorkflowId>> workflows_of(const PipelineId& pipeline) = 0;  // oldest first
    virtual Result<JobPlace> job_by_number(const ProjectId& project, std::int64_t build_num) = 0;
    // The newest builds, as places: of a project by number, of all projects (if none is named) by their creation.
    // `branch` empty: all. Approval jobs and jobs kept from an earlier workflow are no builds of their own.
    virtual Result<std::vector<JobPlace>> recent_jobs(const std::optional<ProjectId>& project,
                                                      const std::string& branch, int limit, int offset) = 0;
};

}  // namespace gyre
