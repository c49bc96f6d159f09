#pragma once

// What boxes of containers have in common, whether an engine holds them or nobody. Thread-safe.

#include <sys/resource.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/fd.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

// This process's hard limit; 0: there is none.
std::int64_t hard_limit(__rlimit_resource which);

// Whether this host hands the cores of whatever crashes to a program of its root.
bool cores_go_to_a_program();

// A container's configuration lies on a disk, and engines show it to whoever may ask. Steps are given secrets with
// their own environment.
Environment without(const Environment& secrets, Environment environment);

bool says_any(std::string_view message, std::initializer_list<std::string_view> words);

// Whether the other end of a supervisor's connection is gone.
bool has_ended(const Fd& connection);

}  // namespace gyre::agent
