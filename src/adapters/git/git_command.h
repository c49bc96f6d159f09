#pragma once

// How git is called here: without prompts, without user configuration that could run programs, and with remotes that
// cannot be mistaken for options.

#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "model/remote.h"

namespace gyre::adapters {

// Runs git with these arguments and answers its standard output. A failure is `unavailable` with git's first line of
// error, in which user:password of a URL is left out; `denied` with that of ssh, where this lets nobody in. Remotes go
// the other way, through Access.
Result<std::string> git(std::vector<std::string> arguments,
                        std::chrono::milliseconds timeout = std::chrono::minutes{2});

// How git reaches a remote from here (model/remote.h).
struct Access : GitAccess {
    explicit Access(const std::string& remote);
    std::string ssh = "ssh -oBatchMode=yes -oConnectTimeout=15";  // git's command for it
    // Options of the verb: lets a repository on this machine be read that another user owns (the administrator named
    // it; upload-pack runs no hook of the repository).
    std::vector<std::string> options;
};
// The same for commands that talk to a remote.
Result<std::string> git(std::vector<std::string> arguments, const Access& access,
                        std::chrono::milliseconds timeout = std::chrono::minutes{2});

}  // namespace gyre::adapters
