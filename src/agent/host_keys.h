#pragma once

// Host keys of the forges that most remotes are at, so that git over ssh neither asks nor believes whoever answers. The
// keys are what the forges publish: docs.github.com, docs.gitlab.com and support.atlassian.com list their fingerprints.

#include <string>
#include <string_view>

namespace gyre::agent {

// Lines of a known_hosts file.
std::string_view host_keys_of_forges();

// Is it reached by ssh: ssh://... or [user@]host:path?
bool is_over_ssh(std::string_view remote);

// The ssh command line for git that also knows the keys in `file`; what user and system know counts as before. Empty
// when the file's path cannot stand in one.
std::string ssh_that_knows(const std::string& file);

}  // namespace gyre::agent
