#pragma once

// What one attempt ran with: enough to run its job again elsewhere (`gyre replay`), and to say what differed between
// two runs. The agent writes it and sends it with the attempt's end; steps' times and sizes stand in their StepRecords.
//
// Of secrets it holds names only; every other text has been masked, as the output of steps is. A reader takes no text
// for well-formed that it did not check.

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/records.h"
#include "model/resource_class.h"

namespace gyre {

inline constexpr int first_step = 101;  // StepRecord::index of a job's first own step; the others follow
inline constexpr int manifest_version = 1;
inline constexpr std::size_t largest_manifest = 1 << 20;  // bytes of its JSON

// The image of a container.
struct UsedImage {
    std::string reference;  // as the config names it
    std::string id;         // of the image's configuration: the same bytes on each machine
    std::string digest;     // in the repository that it came from; empty: it came from none
    bool operator==(const UsedImage&) const = default;
};
BOOST_DESCRIBE_STRUCT(UsedImage, (), (reference, id, digest))

// What a restore_cache step asked for, and got.
struct RestoredCache {
    int step = 0;                   // its index, as in StepRecord
    std::vector<std::string> keys;  // as they were in this job
    std::optional<CacheEntry> found;
    bool restored = false;  // false although found: the step's log says why
};
BOOST_DESCRIBE_STRUCT(RestoredCache, (), (step, keys, found, restored))

struct UpstreamJob {
    JobId id;
    std::vector<int> after;  // positions in the list that it stands in of those that it requires, directly or not
};
BOOST_DESCRIBE_STRUCT(UpstreamJob, (), (id, after))

// What an attach_workspace step was given.
struct AttachedWorkspace {
    int step = 0;
    std::vector<WorkspaceLayer> layers;
    std::vector<UpstreamJob> jobs;  // of the layers
};
BOOST_DESCRIBE_STRUCT(AttachedWorkspace, (), (step, layers, jobs))

struct JobManifest {
    int version = manifest_version;
    AttemptRef attempt;
    std::int64_t build_number = 0;
    std::string job_name;  // in the workflow
    int task_total = 1;
    std::string project_slug;
    std::string branch;
    std::string tag;
    std::string revision;           // the commit
    std::string agent;              // its version
    std::string system;             // kernel and architecture of its machine: "Linux 6.1.0-25-amd64 x86_64"
    std::string executor;           // "docker", "podman", "sandbox", "plain"; empty: none was found
    std::vector<UsedImage> images;  // of the containers, in their order; empty: the machine's own files
    JobSpec job;                    // as the plan has it
    Environment built_in;
    std::vector<std::string> secrets;  // names
    Resources resources;               // the limit
    std::vector<std::string> gpus;     // that it had, by their CDI names: "nvidia.com/gpu=0"
    std::int64_t job_ms = 0;           // the limit of its time
    std::vector<RestoredCache> caches;
    std::vector<AttachedWorkspace> workspaces;
    bool masked = false;      // the value of a secret stood in some text
    bool incomplete = false;  // what made it larger than it may be was left out: steps, caches, workspaces
};
BOOST_DESCRIBE_STRUCT(JobManifest, (),
                      (version, attempt, build_number, job_name, task_total, project_slug, branch, tag, revision, agent,
                       system, executor, images, job, built_in, secrets, resources, gpus, job_ms, caches, workspaces,
                       masked, incomplete))

// Reads what somebody sent. Errors: `too_large`; `invalid` with the reason: no such JSON, another version, counts or
// names that cannot be.
Result<JobManifest> read_manifest(std::string_view text);

// The blobs that it names (caches that were found, layers), each once. They are trees: perhaps lists of chunks.
std::vector<std::string> trees_of(const JobManifest& manifest);

}  // namespace gyre
