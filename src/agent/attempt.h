#pragma once

// One attempt at a task, from its assignment to the moment when the server has acknowledged everything about it.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "agent/disk_watch.h"
#include "agent/executor.h"
#include "agent/usage_watch.h"
#include "base/http_client.h"
#include "base/result.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

struct AttemptSettings {
    http::Endpoint server;
    std::string work;         // directory of this machine that all its agents share
    std::string injob_path;   // the helper on this machine
    std::string helper = {};  // inside the job, where it is not Box::helper()
    // choose_executor() with this machine's settings.
    std::function<Result<std::unique_ptr<Executor>>(const ExecutorSpec& wanted)> choose;
    ReadyContainer* ready = nullptr;   // begin_ready_container(), where this agent may have made one
    int leash = -1;                    // see leash.h
    UsageTimes usage_times = {};       // how often it is looked what the job uses
    DiskLimits disk_limits = {};       // of what its files may take
    bool engines_allowed = false;      // the administrator gives jobs Docker engines, and so this machine
    std::string cdi_directories = {};  // where GPUs are described, find_gpus()
};

// Blocks until the attempt is over. What went wrong is told to the server, not to the caller.
void carry_out_attempt(const wire::Assignment& assignment, const AttemptSettings& settings);

}  // namespace gyre::agent
