#pragma once

// A bare copy of a git remote on this machine, shared by all agents of it: only what is new is fetched, and nothing at
// all when the revision is here already. A broken copy is thrown away and made again. Used under a lock (flock).
//
// No hooks run, the `ext` transport is off, and a password in the remote's URL reaches git by its environment alone:
// it stands in no argument and no file. Over ssh the host keys of the known forges are known.

#include <string>
#include <string_view>

#include "agent/job_control.h"
#include "base/result.h"
#include "model/remote.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

class SourceMirror {
public:
    // `directory` holds the copies of all remotes.
    SourceMirror(std::string directory, const wire::Source& source, JobControl& control);

    // Makes `target` (must not exist) a clone with the revision checked out: on its branch, or detached for a tag,
    // which then is there. Branches and tags may have any name that git keeps, also those that its commands refuse
    // ("-x", "HEAD"). Origin is the remote, without its user and password. `unavailable`: the remote or this machine's
    // git failed; not_found: the remote has no such revision; invalid: the source names none.
    Result<void> clone_to(const std::string& target);

private:
    void know_forges();
    Result<void> fetch();
    Result<void> make();
    Result<bool> has(const std::string& object);
    Result<bool> is_here();
    Result<void> put_on_branch(const std::string& target);
    Result<void> clone_once(const std::string& target);
    Result<void> git(std::vector<std::string> arguments, const std::string& directory);

    std::string directory_;
    wire::Source source_;
    JobControl& control_;
    GitAccess access_;
    std::string path_;
};

// May a branch or tag be called so? The rules of git check-ref-format for what stands below refs/heads/ or refs/tags/.
bool is_ref_name(std::string_view name);

}  // namespace gyre::agent
