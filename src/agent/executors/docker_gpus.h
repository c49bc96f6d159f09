#pragma once

// How a container engine is asked for GPUs, which depends on what it can do. Pure.

#include <span>

#include "agent/executors/cdi.h"
#include "agent/executors/engine_client.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

struct GpuWishes {
    json::object host;        // members of a container's HostConfig, each a list
    Environment environment;  // of the container; what the engine sets itself is not here
    bool by_driver = false;   // NVIDIA's, with which docker names the cards in the environment
};
// By their names, where the engine knows CDI (docker from 25 on) or has the driver of NVIDIA's container toolkit; else
// by their devices and files, where it takes no more than that. `unavailable`: this engine cannot be asked for them.
Result<GpuWishes> gpu_wishes(std::span<const CdiDevice> gpus, const EngineFacts& engine);

// What an engine said of a container that it did not start, with what to do where it is about GPUs.
std::string explain_gpus(const std::string& said);

}  // namespace gyre::agent
