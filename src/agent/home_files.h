#pragma once

// Small files that the agent makes inside a job: BASH_ENV's, what its steps are told (wire/earlier_tests.h), SSH keys.

#include <string>
#include <vector>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

struct HomeFile {
    std::string path;  // relative; ends in a slash: a directory
    std::string content = {};
    bool is_private = false;  // a file for the job's user alone
};

// Makes them inside the job, below a directory that is there. Existing files are replaced.
Result<void> make_files(Job& job, const std::string& directory, const std::vector<HomeFile>& files);

}  // namespace gyre::agent
