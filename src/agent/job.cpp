#include "agent/job.h"

#include "agent/inside_paths.h"

namespace gyre::agent {

std::string Job::path(std::string_view written) const { return path(written, working_directory); }

std::string Job::path(std::string_view written, const std::string& base) const {
    return resolve_inside(written, base, supervisor.inside().home);
}

}  // namespace gyre::agent
