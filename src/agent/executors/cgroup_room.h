#pragma once

// Whether a control group of version 2 can have limited groups below it. One that has processes of its own hands down
// no controllers, except for the root of the hierarchy (Linux, admin-guide/cgroup-v2, "No Internal Process
// Constraint"); the group of a service has the service's. Thread-safe.

#include <sys/types.h>

#include <string>
#include <vector>

namespace gyre::agent {

// The processes in it, not in those below.
std::vector<pid_t> processes_in(const std::string& group);

// Whether we are one of them.
bool is_in(const std::string& group);

// It can as it is.
bool hands_down(const std::string& group);

// What is below it is its owner's to arrange: systemd says so of a service with Delegate=yes (systemd,
// CGROUP_DELEGATION), and the root that a container sees is the container's.
bool is_delegated(const std::string& group);

// Moves its processes into a group below it, so that it can. False: it may not be done, or processes came without end.
// Agents may do it at once, and those of a later server again.
bool vacate(const std::string& group);

}  // namespace gyre::agent
