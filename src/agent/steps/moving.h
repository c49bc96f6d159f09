#pragma once

// Moving a tree of this machine into the job, without it passing through us: our packer writes to the unpacker there.

#include <string>
#include <vector>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

enum class Moved { all, nothing_into_repository };

// `options` are more words for the unpacker. nothing_into_repository: with --checkout, `to` is a git repository already
// and was left as it is.
Result<Moved> move_inside(const std::string& from, const std::string& to, Job& job,
                          const std::vector<std::string>& options = {});

}  // namespace gyre::agent
