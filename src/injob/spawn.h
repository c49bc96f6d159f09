#pragma once

// Starts one process of a job: in a session of its own, with default signals, with nothing but its three standard
// descriptors, and at the speed of vfork.

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/supervisor_protocol.h"

namespace gyre::injob {

using Variables = std::map<std::string, std::string, std::less<>>;

// The environment that a request asks for; `own` is the supervisor's. PATH gets our tools in front, which are in
// `tools`.
Variables environment_for(const wire::SpawnRequest& request, const Variables& own, const std::string& tools);
Variables own_environment();

// Looks `name` up as execvp() would. The error is the sentence for the report: "bash: no such file or directory".
Result<std::string> find_executable(const std::string& name, std::string_view path, const std::string& directory);

struct Launch {
    std::string executable;
    std::vector<std::string> argv;
    Variables environment;
    int directory = -1;  // descriptor
    int standard[3] = {-1, -1, -1};
};

Result<pid_t> launch(const Launch& what);

}  // namespace gyre::injob
