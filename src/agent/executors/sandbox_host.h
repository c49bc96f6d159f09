#pragma once

// What the sandbox must know of this host: bubblewrap, user namespaces, who the job's user is, and which file systems
// belong to the system. The texts are pure functions of files' contents.

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

// The job's user inside, named as in the images that most configs were written for.
inline constexpr const char* job_user = "circleci";
inline constexpr const char* job_home = "/home/circleci";

// The path of bwrap, or what to install.
Result<std::string> find_bubblewrap();

// Which setting of this host keeps users from making user namespaces, as advice; empty when none is known to.
std::string user_namespace_advice();

// How bubblewrap ended, by the status of waitpid(), for people: "was killed by signal 9". It passes on how its child
// ended, as a shell does: 128 and the number of a signal.
std::string described_end(int status);

// /etc/passwd and /etc/group for the inside: the host's, with the job's user instead of the entry of that number.
std::string passwd_inside(std::string_view host, uid_t uid, gid_t gid);
std::string group_inside(std::string_view host, gid_t gid);

// Mount points of the system's own file systems below the root (/usr, /var, ...) from /proc/self/mountinfo: an overlay
// of the root does not show them.
std::vector<std::string> system_mounts(std::string_view mountinfo);

// A user id of its own for one sandbox, from a range that no account uses; held by a lock, so that the death of the
// agent gives it back. For agents that run as root.
class UidLease {
public:
    // From `first` on; `unavailable` when hundreds are taken.
    static Result<UidLease> take(uid_t first);
    uid_t uid() const { return uid_; }

private:
    UidLease(Fd lock, uid_t uid) : lock_(std::move(lock)), uid_(uid) {}
    Fd lock_;
    uid_t uid_;
};

}  // namespace gyre::agent
