#pragma once

// Pipelines, workflows and workflow jobs as REST v2 shows them (docs/api/openapi.yaml).

#include "base/json.h"
#include "model/pipeline.h"
#include "model/project.h"
#include "model/workflow.h"

namespace gyre::api {

json::object pipeline_view(const Pipeline& pipeline, const Project& project);
json::object created_view(const Pipeline& pipeline);  // what triggering answers
json::object workflow_view(const Workflow& workflow, std::int64_t pipeline_number, const Project& project);
json::object workflow_job_view(const Workflow& workflow, const WorkflowJob& job, const Project& project);

}  // namespace gyre::api
