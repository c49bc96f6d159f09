#pragma once

#include <string>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

// A cache key's template, evaluated in this job now: reads files inside it for `checksum`.
Result<std::string> key_now(const std::string& text, Job& job);

}  // namespace gyre::agent
