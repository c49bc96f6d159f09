#pragma once

// Small files that the agent makes inside a job: BASH_ENV's, and what its steps are told (wire/earlier_tests.h).

#include <string>
#include <vector>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

struct HomeFile {
    std::string path;  // relative; ends in a slash: a directory
    std::string content = {};
};

// Makes them inside the job, below a directory that is there. Existing files are replaced.
Result<void> make_files(Job& job, const std::string& directory, const std::vector<HomeFile>& files);

}  // namespace gyre::agent
