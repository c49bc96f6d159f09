#pragma once

// What `gyre replay` runs: a job as its manifest tells it, with what this machine adds and lacks. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/job_manifest.h"
#include "wire/agent_protocol.h"

namespace gyre::apps {

struct ReplayWish {
    std::string from;     // a step's number or name; empty: the first
    bool shell = false;   // in the job's place: when a step failed, or, with `from`, instead of that step
    bool by_tag = false;  // images by the names that the config gives, whatever these stand for now
    std::map<std::string, std::string> secrets;  // given: nothing else of this machine's is
};

struct ReplayPlan {
    JobSpec job;
    Environment secrets;               // those that are here
    std::vector<std::string> missing;  // names of those that are not
    wire::Replay replay;
};

// Steps before `from` are run when they fill the file system or go on beside the others: checkout, restore_cache,
// attach_workspace, add_ssh_keys, setup_remote_docker, and `run` with background. Other steps before it are not.
//
// Errors: `invalid`: the manifest is incomplete; no step, or more than one, is called so; no secret is.
Result<ReplayPlan> plan_replay(const JobManifest& manifest, const ReplayWish& wish);

// "cimg/node:20.1" with "sha256:..." -> "cimg/node@sha256:..."
std::string pinned_image(const std::string& reference, const std::string& digest);

// What the agent is to be told instead of what the embedded server made.
void apply_replay(const JobManifest& manifest, const ReplayPlan& plan, wire::Assignment& assignment);

}  // namespace gyre::apps
