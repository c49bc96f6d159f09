#pragma once

// How git is called here: without prompts, without user configuration that could run programs, and with remotes that
// cannot be mistaken for options.

#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace gyre::adapters {

// Runs git with these arguments and answers its standard output. A failure is `unavailable` with git's first line of
// error, in which user:password of a URL is left out.
Result<std::string> git(std::vector<std::string> arguments,
                        std::chrono::milliseconds timeout = std::chrono::minutes{2});

// `invalid` unless the text can safely stand where git expects a remote: an absolute path, or an http(s), ssh, git or
// file URL, or scp-like user@host:path. Never an option, never the `ext::` transport.
Result<void> check_remote(const std::string& remote);

// Options for commands that talk to `remote`: lets a repository on this machine be read that another user owns (the
// administrator named it; upload-pack runs no hook of the repository).
std::vector<std::string> upload_pack_options(const std::string& remote);

}  // namespace gyre::adapters
