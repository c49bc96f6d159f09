#pragma once

// One task of a job as it ran: what it ran with, how its steps went. From the server's API.

#include <cstdint>
#include <string>
#include <vector>

#include "apps/gyre/api_client.h"
#include "model/job_manifest.h"
#include "model/records.h"

namespace gyre::apps {

// As a command line names it.
struct NamedRun {
    std::string slug;
    std::int64_t number = 0;   // of the job
    std::int64_t task = 0;     // of its parallel tasks
    std::int64_t attempt = 0;  // 0: the last
};

struct JobRun {
    JobManifest manifest;
    std::string status;  // of the job
    std::vector<StepRecord> steps;
};

// "/api/v2/gyre/project/<slug>/job/<n><what>?task=..&attempt=.."
std::string target_of(const NamedRun& run, const std::string& what);

// The API's answer. Errors say what is wrong with it.
Result<JobRun> read_run(const json::value& answer);

}  // namespace gyre::apps
