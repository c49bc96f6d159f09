#pragma once

// What differed between two runs of jobs, as their manifests tell. Pure.

#include <string>
#include <vector>

#include "apps/gyre/job_run.h"

namespace gyre::apps {

struct Difference {
    std::string what;    // "commit", "image 0 (cimg/node:20)", "variable NODE_ENV", "cache of step 102", ...
    std::string before;  // in the first; "-": not there
    std::string after;   // in the second
    bool operator==(const Difference&) const = default;
};
BOOST_DESCRIBE_STRUCT(Difference, (), (what, before, after))

// In the order in which they matter. Not what always differs: times, and the variables that name the run itself
// (CIRCLE_BUILD_NUM, ids); CIRCLE_SHA1 is the commit.
std::vector<Difference> differences(const JobRun& before, const JobRun& after);

// Of each step that ran in both: how long. In the first one's order.
std::vector<Difference> durations(const JobRun& before, const JobRun& after);

}  // namespace gyre::apps
