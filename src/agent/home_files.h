#pragma once

#include <string>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

// Makes an empty file inside the job: BASH_ENV's, which steps source and append to. An existing one is emptied.
Result<void> make_empty_file(Job& job, const std::string& path);

}  // namespace gyre::agent
