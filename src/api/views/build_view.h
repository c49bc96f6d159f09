#pragma once

// Builds as REST v1.1 shows them: the summary of lists, and the whole with steps, actions and output URLs. v1.1 calls a
// job a build, and a step's run in one task an action.

#include <functional>
#include <optional>

#include "api/places.h"
#include "base/json.h"
#include "model/records.h"

namespace gyre::api {

json::object build_summary(const JobScene& scene, const std::string& base_url);

struct BuildDetails {
    std::vector<std::vector<StepRecord>> steps;  // by task, of each task's last attempt
    bool has_artifacts = false;
    std::optional<JobScene> previous;             // the build before of the same job on the branch
    std::optional<JobScene> previous_successful;  // the newest green one before
    std::function<std::string(const AttemptRef&, int step)> output_url;
};
json::object build_view(const JobScene& scene, const BuildDetails& details, const std::string& base_url);

struct BuildStatus {
    std::string_view lifecycle;
    std::string_view outcome;  // empty: null
    std::string_view status;
};
BuildStatus build_status(JobStatus status);

}  // namespace gyre::api
