#pragma once

// Jobs as REST v2 shows them, and our own view of their tasks with every attempt.

#include <functional>
#include <string>

#include "api/places.h"
#include "base/json.h"
#include "model/records.h"

namespace gyre::api {

// `waits`: why the job waits; empty when it does not.
json::object job_view(const JobScene& scene, const std::string& waits, const std::string& base_url);

using StepsOf = std::function<Result<std::vector<StepRecord>>(const AttemptRef&)>;
Result<json::object> tasks_view(const WorkflowJob& job, const std::string& waits, const StepsOf& steps_of);

// `url` is absolute and opens with a token.
json::object artifact_view(const Artifact& artifact, const std::string& url);
json::object test_view(const TestCase& test);

// "<base>/artifacts/<job id>/<task>/<path>"
std::string artifact_url(const std::string& base_url, const JobId& job, const Artifact& artifact);
std::string job_url(const std::string& base_url, const Project& project, const WorkflowJob& job);

}  // namespace gyre::api
