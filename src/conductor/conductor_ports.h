#pragma once

// What the conductor works on. Everything outlives it.

#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "config/input.h"
#include "ports/front_door.h"
#include "ports/git_remote.h"
#include "ports/live.h"
#include "ports/project_store.h"
#include "ports/workflow_store.h"

namespace gyre::conductor {

struct ConductorPorts {
    WorkflowStore& workflows;
    ProjectStore& projects;
    GitRemote& git;
    Live& live;
    const Clock& clock;
    DispatchBell& dispatch;
    std::function<void()> outbox_has_more;            // called after a commit that wrote effects; must not block
    config::OrbSource orbs = {};                      // of configs; empty: there are inline ones only
    Entropy& entropy = kernel_entropy();              // of new ids
    std::function<void()> schedules_changed = [] {};  // called after a commit that may have; must not block
    std::size_t most_remembered = 10'000;             // workflows that run; beyond, they are read again
    std::optional<int> gpus = {};                     // as in config::CompileInput
};

}  // namespace gyre::conductor
