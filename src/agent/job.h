#pragma once

// What the steps of one job share. Made by Attempt once the box stands; used by the thread that runs the steps.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/background_outputs.h"
#include "agent/gateway_client.h"
#include "agent/job_control.h"
#include "agent/known_chunks.h"
#include "agent/step_output.h"
#include "agent/supervisor.h"
#include "model/job_manifest.h"
#include "model/step.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

class RemoteDocker;  // remote_docker.h

struct Job {
    const wire::Assignment& assignment;
    Supervisor& supervisor;
    GatewayClient& gateway;
    JobControl& control;
    BackgroundOutputs& background;
    std::string scratch;            // a directory of this host for files on their way; the attempt's own
    std::string mirrors;            // a directory of this host, shared by all agents of it
    std::string injob_path;         // the helper on this host
    std::string helper;             // the helper inside
    Environment environment;        // of every step
    std::string working_directory;  // inside, absolute
    std::function<std::string(const std::string&)> masked;  // a text without the job's secrets, in valid UTF-8
    int layers = 0;                                         // workspace layers stored so far
    int test_batches = 0;
    int step = 0;                               // the index of the one that runs
    std::vector<RestoredCache> caches;          // what the steps were given so far
    std::vector<AttachedWorkspace> workspaces;  // the same
    bool engines_allowed = false;               // the administrator gives jobs Docker engines
    pid_t box_process = 0;                      // Box::process()
    std::int64_t box_process_started = 0;       // process_start_time() of it
    std::shared_ptr<RemoteDocker> engine;       // once a step asked for it
    std::unique_ptr<KnownChunks> known_chunks = std::make_unique<KnownChunks>();

    // A path as a config writes it -> an absolute one inside the job, relative to `base` (default: working_directory).
    std::string path(std::string_view written) const;
    std::string path(std::string_view written, const std::string& base) const;
    const wire::Limits& limits() const { return assignment.limits; }
};

// How a step ended. `infrastructure_fail` means that no other step can run here. `reason` is for people, in a sentence
// about the job: "step 'npm test' exited with code 1".
struct StepEnd {
    StepStatus status = StepStatus::success;
    std::optional<int> exit_code;
    std::string reason;
    bool retryable = true;                           // of an infrastructure_fail: another attempt may do better
    bool halted = false;                             // `step halt` was asked for
    std::optional<std::int64_t> background_process;  // it runs on

    static StepEnd failed(std::string why) {
        return {.status = StepStatus::failed, .exit_code = {}, .reason = std::move(why)};
    }
};

}  // namespace gyre::agent
