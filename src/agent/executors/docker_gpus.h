#pragma once

// How a container engine is asked for GPUs, which depends on what it can do. Pure.

#include <span>

#include "agent/executors/cdi.h"
#include "agent/executors/engine_client.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

// Members of a container's HostConfig; empty for no GPUs. By their names, where the engine knows CDI (docker from 25
// on) or has the driver of NVIDIA's container toolkit; else by their devices and files, where it takes no more than
// that. `unavailable`: this engine cannot be asked for them.
Result<json::object> gpu_wishes(std::span<const CdiDevice> gpus, const EngineFacts& engine);

}  // namespace gyre::agent
