#pragma once

// Runs a job again on this machine: an embedded server (installation.h) with one workflow of one job, whose agent is
// told what the job's manifest says. Prints it as it goes, and what was not as it was.

#include <cstdio>
#include <functional>
#include <string>

#include "apps/gyre/api_client.h"
#include "apps/gyre/job_run.h"
#include "apps/gyre/replay_plan.h"
#include "apps/gyre/settings.h"

namespace gyre::apps {

struct ReplayRequest {
    NamedRun name;
    JobRun run;          // as it was
    std::string remote;  // where its commit is
    ReplayWish wish;
    ReplayPlan plan;
    ServerSettings settings;  // of the embedded server
    // Gets a line of JSON: how it ended, and what was not as it was. Nothing: a table is printed. Not owned.
    std::FILE* report = nullptr;
};

// The exit code: 0 the job succeeded, 1 it did not, 130 canceled.
Result<int> replay(ApiClient& client, ReplayRequest request);

}  // namespace gyre::apps
