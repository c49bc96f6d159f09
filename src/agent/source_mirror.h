#pragma once

// A bare copy of a git remote on this machine, shared by all agents of it: only what is new is fetched, and nothing at
// all when the revision is here already. A broken copy is thrown away and made again. Used under a lock (flock).
//
// No hooks run, the `ext` transport is off, and a password in the remote's URL reaches git by its environment alone:
// it stands in no argument and no file. Over ssh the host keys of the known forges are known. With a checkout key the
// remote is read with that alone, into a copy of the project's own; the key lies in the attempt's own directory while
// git runs. A host that nobody knows is believed once, and what it showed stays beside the copy.

#include <optional>
#include <string>
#include <string_view>

#include "agent/job_control.h"
#include "base/private_file.h"
#include "base/result.h"
#include "model/remote.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

// A private key for the remote, and where it may lie meanwhile: a directory of the attempt's own.
struct ShownKey {
    std::string private_key;
    std::string directory;
};

class SourceMirror {
public:
    // `directory` holds the copies of all remotes.
    SourceMirror(std::string directory, const wire::Source& source, JobControl& control,
                 std::optional<ShownKey> key = std::nullopt);

    // Makes `target` (must not exist) a clone with the revision checked out: on its branch, or detached for a tag,
    // which then is there. Branches and tags may have any name that git keeps, also those that its commands refuse
    // ("-x", "HEAD"). Origin is the remote, without its user and password. `unavailable`: the remote or this machine's
    // git failed; denied: the remote lets nobody in with the checkout key; not_found: it has no such revision; invalid:
    // the source names none.
    Result<void> clone_to(const std::string& target);

    // Lines of known_hosts: what the remote's host showed when it was new.
    std::string seen_hosts() const;

private:
    Result<std::string> known_forges();
    void know_forges();
    Result<void> show_key();
    Result<void> clone_locked(const std::string& target);
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
    std::optional<ShownKey> key_;
    std::optional<FleetingFile> key_file_;
    std::string path_;
};

// May a branch or tag be called so? The rules of git check-ref-format for what stands below refs/heads/ or refs/tags/.
bool is_ref_name(std::string_view name);

}  // namespace gyre::agent
