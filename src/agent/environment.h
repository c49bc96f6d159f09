#pragma once

// The environment of a job's steps, in the order of config-language.md section 12; a later entry of a name wins:
// the image's (lowest; the supervisor adds it), the primary container's, also where an executor without containers
// stands in, project variables and contexts, built-in variables, those of the job. A step's own follow in the step.
// Pure; thread-safe.

#include <string>

#include "wire/agent_protocol.h"

namespace gyre::agent {

// The file, inside the job, that BASH_ENV and CIRCLE_SHELL_ENV name. `temporary`: Box::temporary().
std::string bash_env_path(const wire::Assignment& assignment, const std::string& temporary = "/tmp");

// The directory, inside the job, that CIRCLE_INTERNAL_TASK_DATA names (wire/earlier_tests.h).
std::string task_data_path(const wire::Assignment& assignment, const std::string& temporary = "/tmp");

Environment job_environment(const wire::Assignment& assignment, const std::string& temporary = "/tmp");

}  // namespace gyre::agent
