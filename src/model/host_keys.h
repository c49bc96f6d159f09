#pragma once

// How git comes to a remote over ssh: which hosts are known, and which key is shown. The host keys of the forges that
// most remotes are at are built in, so that git neither asks nor believes whoever answers; they are what the forges
// publish: docs.github.com, docs.gitlab.com and support.atlassian.com list their fingerprints. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

// Lines of a known_hosts file.
std::string_view host_keys_of_forges();

// Is it reached by ssh: ssh://... or [user@]host:path?
bool is_over_ssh(std::string_view remote);

// The ssh command line for git that also knows the keys in `file`; what user and system know counts as before. Empty
// when the file's path cannot stand in one.
std::string ssh_that_knows(const std::string& file);

// The ssh command line that logs in with one private key and with nothing else that this user has: no other key, no
// agent, no config. A host that nobody knows yet is believed once and kept in `seen`; one whose key is another than
// before is refused. `invalid`: a path that cannot stand in it.
struct SshFiles {
    std::string key;     // the private key, mode 0600
    std::string seen;    // known_hosts of hosts met so far; need not be there
    std::string forges;  // host_keys_of_forges()
};
Result<std::string> ssh_with_key(const SshFiles& files);

// The line in which ssh says that the remote lets nobody in with what was shown, or that it is not the host that it
// was; empty: it says no such thing.
std::string_view refusal_in(std::string_view said);
// Of such a line: it says that the host is unknown, or not the one that it was, so that no other key helps.
bool is_of_another_host(std::string_view refusal);

}  // namespace gyre
