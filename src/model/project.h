#pragma once

// A project: code on a git remote that pipelines run for. Slug "git/<name>" (plain remote) or "gh/<org>/<repo>".

#include <boost/describe.hpp>

#include <string>

#include "base/clock.h"
#include "model/ids.h"

namespace gyre {

struct Project {
    ProjectId id;
    std::string slug;
    std::string remote;          // URL or absolute path that `git fetch` takes
    std::string default_branch;  // "main" until the remote's HEAD is known
    bool poll = true;            // ask the remote for new commits (git ls-remote) where no hook tells us
    Timestamp created_at{};
    bool auto_cancel = false;  // a newer pipeline of a branch cancels what still runs of older ones (not the default
                               // branch)
};
BOOST_DESCRIBE_STRUCT(Project, (), (id, slug, remote, default_branch, poll, created_at, auto_cancel))

// The remote as it may be shown and handed to jobs: an http(s) URL without user and password.
std::string public_remote(const std::string& remote);

}  // namespace gyre
