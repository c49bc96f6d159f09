#pragma once

// What bubblewrap is told. Its descriptors are numbered from 3: the supervisor's socket, the seccomp filter, then one
// for each text view (where bubblewrap does the mounting).

#include <string>
#include <vector>

#include "agent/executors/sandbox_stage.h"

namespace gyre::agent {

inline constexpr int socket_descriptor = 3;
inline constexpr int seccomp_descriptor = 4;
inline constexpr int first_text_descriptor = 5;

// For a root that stands mounted at `staged_root`.
std::vector<std::string> arguments_for_staged_root(const StagePlan& plan, const std::string& staged_root);
// For a read-only root of the host, with the views mounted by bubblewrap.
std::vector<std::string> arguments_for_host_root(const StagePlan& plan);

}  // namespace gyre::agent
