#pragma once

// Removing containers: those of one box, and those whose agent is gone. Every container of ours says which box it
// belongs to and which process made it, so that several agents, servers and users can share one engine.

#include <functional>
#include <string>
#include <string_view>

#include "agent/executors/engine_client.h"
#include "base/result.h"

namespace gyre::agent {

// "<process id> <start time>": a process id alone is used again by others.
std::string this_agent();
bool agent_lives(std::string_view agent);

// Services before the primary: podman keeps a container whose network others use. All are tried, and failures are tried
// again for a few seconds, before the first of them is returned.
Result<void> remove_box(EngineClient& engine, const std::string& box);
// Removes the boxes of which `alive` says no and whose agent's process is gone.
Result<void> sweep_boxes(EngineClient& engine, const std::function<bool(std::string_view box)>& alive);

}  // namespace gyre::agent
