#pragma once

// The mounting of the stage, by the child of an agent that is root. Runs between fork and exec of a program with
// threads: nothing here allocates, locks or throws; a failure is told by errno.

#include "agent/executors/sandbox_stage.h"

namespace gyre::agent {

// In a small memory file system over /tmp, a directory which every user may enter and which exists on every host.
inline constexpr const char* staged_root = "/tmp/root";

// Everything that the mounting needs beside the plan, made before the fork.
struct MountTexts {
    explicit MountTexts(const StagePlan& plan);
    std::string fresh_options;               // mode and owner of fresh directories
    std::vector<std::string> mount_targets;  // of system_mounts
};

// False: it could not be done, `*step` says what.
bool mount_stage(const StagePlan& plan, const MountTexts& texts, StageRoot* root, const char** step);

}  // namespace gyre::agent
