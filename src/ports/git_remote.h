#pragma once

// What is asked of a git remote, by the git executable. Blocking (network); thread-safe. Errors: not_found (no such
// ref, commit or file), unavailable (the remote did not answer; the message carries git's last line, without secrets).

#include <map>
#include <string>

#include "base/result.h"
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

class GitRemote {
public:
    virtual ~GitRemote() = default;
    // "refs/heads/..." and "refs/tags/..." (peeled) with their revisions; "HEAD" with "ref: refs/heads/<default>". A
    // name that is not UTF-8 comes escaped (base/utf8.h); read_config refuses it as `invalid`, with the reason.
    virtual Result<std::map<std::string, std::string>> list_refs(const std::string& remote) = 0;
    // Fetches the commit if it is not here yet. `ref` is where it can be found ("refs/heads/main").
    virtual Result<CommitFiles> read_config(const std::string& remote, const std::string& ref,
                                            const std::string& revision) = 0;
};

}  // namespace gyre
