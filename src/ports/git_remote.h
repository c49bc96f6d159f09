#pragma once

// What is asked of a git remote, by the git executable. Blocking (network); thread-safe. Errors: not_found (no such
// ref, commit or file), denied (it is reached by ssh, and lets nobody in with the key at hand), unavailable (the remote
// did not answer). The message carries git's words, without secrets.

#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "model/project.h"
#include "model/trigger.h"

namespace gyre {

struct ResolvedRef {
    std::string branch;  // or
    std::string tag;
    std::string revision;
};

struct CommitFiles {
    CommitInfo commit;
    std::string config;  // text of .circleci/config.yml at the commit
};

// A remote, and the project that it is asked for: with that one's checkout key, where it has one.
struct ProjectRemote {
    ProjectRemote(std::string of_nobody) : url(std::move(of_nobody)) {}               // NOLINT: implicit by design
    ProjectRemote(const Project& asking) : url(asking.remote), project(asking.id) {}  // NOLINT: the same
    std::string url;
    ProjectId project;
};

class GitRemote {
public:
    virtual ~GitRemote() = default;
    // "refs/heads/..." and "refs/tags/..." (peeled) with their revisions; "HEAD" with "ref: refs/heads/<default>". A
    // name that is not UTF-8 comes escaped (base/utf8.h); read_config refuses it as `invalid`, with the reason.
    virtual Result<std::map<std::string, std::string>> list_refs(const ProjectRemote& remote) = 0;
    // Fetches the commit if it is not here yet. `ref` is where it can be found ("refs/heads/main"); what is not, though
    // the remote has it elsewhere, is not_found: who names a commit does not choose what its jobs may.
    virtual Result<CommitFiles> read_config(const ProjectRemote& remote, const std::string& ref,
                                            const std::string& revision) = 0;
};

}  // namespace gyre
