#pragma once

// The agent's language, one description for both ends (gateway serves it, agent speaks it).
//
// HTTP/1.1, JSON bodies except where bytes are said, over a unix socket (agents on the server's own machine) or TCP.
// Agents only dial out. Every call may be repeated; the answer to a repeated call is the answer to the first.
// The life of an attempt:
//   1. POST /agent/v1/claim                       ClaimRequest -> 200 Assignment | 204 nothing yet, ask again | 410
//   exit
//      `Authorization: Bearer <launch key>`. The server waits up to wait_ms for work. From here on
//      `Authorization: Bearer <token of the Assignment>`; 401 = unknown token, 409 = fenced off (stop at once,
//      quietly).
//   2. POST /agent/v1/attempts/<id>/heartbeat     Heartbeat -> HeartbeatAnswer, every heartbeat_ms from a thread of its
//      own. It renews the lease. An agent that could not renew for lease_ms stops its job, except while the server's
//      own socket refuses connections: a dead server on this machine has given the attempt to nobody else; where others
//      share its database, they may have (Assignment::others_take_over), and it stops then, too.
//   3. POST /agent/v1/attempts/<id>/steps         StepReports -> {}     (by step index; the last report of a step wins)
//   4. PUT  /agent/v1/attempts/<id>/output/<step>?offset=N   bytes -> 200 | 409 Length. Accepted exactly if N equals
//      the stored length; otherwise go on from the length in the answer. Stored = durable.
//   5. PUT  /agent/v1/attempts/<id>/blobs/<sha256>?offset=N&size=TOTAL   bytes -> 200 | 409 Length
//      GET  the same without query                -> bytes | 404;   HEAD -> Content-Length, 404 when not complete
//      POST /agent/v1/attempts/<id>/blobs         BlobNames -> BlobNames: those that the server has not, in their
//      order. The others stay for a while, as if they had been sent now. Servers before this call answer 404: send all.
//      Trees are sent as chunks (model/chunk_list.h), and named by the list of them.
//   6. GET  /agent/v1/attempts/<id>/cache?key=K&key=K2 -> CacheEntry | 404;  POST cache  CacheEntry -> Stored
//      GET  /agent/v1/attempts/<id>/workspace     -> Layers (of all upstream jobs, in graph order)
//      Layers of jobs of which neither requires the other, and of a job's tasks, may not hold the same file.
//      POST /agent/v1/attempts/<id>/workspace     WorkspaceLayer (job and job_name are ignored) -> {}
//      POST /agent/v1/attempts/<id>/artifacts     Artifact -> {}
//      POST /agent/v1/attempts/<id>/tests         TestBatch -> {};  GET tests -> EarlierTests
//      GET  /agent/v1/attempts/<id>/others        -> OtherTasks (wire/other_tasks.h)
//      POST /agent/v1/attempts/<id>/ssh           SshEvents -> {}       (by sequence; see wire/ssh_access.h)
//      POST /agent/v1/attempts/<id>/usage     a ResourceUsage, so far -> {}; from time to time, and never again when it
//      is not understood. Servers before this call answer 404.
//   7. POST /agent/v1/attempts/<id>/finish        Finish -> {}   after all of the above is acknowledged; the last step
//      reports, the manifest and the usage may come with it.
// An agent keeps what it could not deliver on disk and tries on (back-off up to 5 s) for as long as its token is good.
// Errors are {"message": "..."} with 400, 401, 404, 409, 413, 503.

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/event.h"
#include "model/job_manifest.h"
#include "model/plan.h"
#include "model/records.h"
#include "model/resource_class.h"
#include "wire/earlier_tests.h"
#include "wire/ssh_access.h"

namespace gyre::wire {

// An agent of another version gets no work. Those that work already are served on: calls but the claim are compatible
// with the version before and after. (Tests build programs of another version, and say so.)
#ifndef GYRE_AGENT_PROTOCOL
#define GYRE_AGENT_PROTOCOL 1
#endif
inline constexpr int protocol_version = GYRE_AGENT_PROTOCOL;

struct ClaimRequest {
    int protocol = protocol_version;
    std::string client;        // name of the machine
    std::int64_t process = 0;  // the agent's process id on it
    int wait_ms = 20'000;
};

// Of a job that is run again on a developer's machine (`gyre replay`).
struct Replay {
    std::vector<std::string> notes;             // said before the first step: what is not as it was
    std::vector<int> left_out;                  // positions of the steps that are not run
    std::vector<RestoredCache> caches;          // steps with these indexes get these caches, and ask for none
    std::vector<AttachedWorkspace> workspaces;  // the same
};

// What to check out.
struct Source {
    std::string remote;  // URL or path that `git fetch` takes on the agent's machine
    std::string project_slug;
    std::string branch;
    std::string tag;
    std::string revision;
};

// An additional SSH key of the project, for `add_ssh_keys`.
struct SshKey {
    std::string hostname;     // empty: for any host
    std::string md5;          // fingerprint "aa:bb:...", 16 bytes
    std::string sha256;       // fingerprint "SHA256:..."
    std::string private_key;  // as ssh reads it; secret
};

// What git reads the remote with over ssh, in place of what the agent's user has.
struct CheckoutKey {
    std::string private_key;  // as ssh reads it; secret
    bool for_job = false;     // it is put into the job, too, for git there; else the agent alone may use it
};

// What images of a registry are pulled with whose container has no `auth` of its own. For the agent alone: the job is
// not told. Neither text names variables.
struct RegistryLogin {
    std::string registry;  // as parse_registry() answers it
    std::string username;
    std::string password;  // secret, also where it is short or holds a `$`
};

struct Limits {
    std::int64_t job_ms = 5 * 3600 * 1000;            // the whole job
    std::int64_t step_output_bytes = 64 << 20;        // beyond it, only the tail is kept (and said so)
    std::int64_t blob_bytes = std::int64_t{8} << 30;  // one cache, layer or artifact
    std::int64_t unpacked_bytes = std::int64_t{32} << 30;
    std::int64_t entries = 2'000'000;  // files of one archive or artifact tree
    // A cache of which fewer bytes come in such a time of waiting for them is given up. 0 bytes: none is.
    std::int64_t restore_bytes = 30 << 20;
    std::int64_t restore_ms = 30'000;
};

struct Assignment {
    AttemptRef attempt;
    std::string token;
    int heartbeat_ms = 5'000;
    int lease_ms = 15'000;
    JobSpec job;
    std::string job_name;  // in the workflow
    int task_total = 1;
    Resources resources;  // limit of the job's cgroup
    Source source;
    Environment built_in;  // CIRCLE_* and CI
    Environment secrets;   // project variables, then contexts; every value of 4 or more bytes is masked in all output
    std::int64_t build_number = 0;
    Limits limits;
    bool others_take_over = false;  // when the server is gone, others give its attempts to other machines
    std::optional<SshAccess> ssh;   // who may come in by SSH
    std::optional<Replay> replay;
    bool only_failed_tests = false;  // EarlierTests::failed says which
    std::vector<SshKey> ssh_keys;    // the project's, for `add_ssh_keys`
    std::optional<CheckoutKey> checkout_key;
    std::vector<RegistryLogin> registry_logins;  // of the registries that its containers' images lie in
    bool trusted = false;                        // not a fork's commits
};

struct Heartbeat {
    bool stopping = false;
};
struct HeartbeatAnswer {
    bool stop = false;  // end the job now (canceled)
    std::string reason;
    std::optional<SshAccess> ssh;  // who may come in from now on; none: nobody
};
struct StepReports {
    std::vector<StepRecord> steps;
};
struct BlobNames {
    std::vector<std::string> names;  // at most most_blob_names
};
inline constexpr std::size_t most_blob_names = 1'000;
struct Length {
    std::int64_t length = 0;
};
struct Stored {
    bool stored = false;  // false: the key existed already; caches are immutable
};
using UpstreamJob = gyre::UpstreamJob;
struct Layers {
    std::vector<WorkspaceLayer> layers;
    std::vector<UpstreamJob> jobs;  // of the layers, in the same order
};
struct TestBatch {
    int batch = 0;
    std::vector<TestCase> tests;  // at most 1000
};
struct Finish {
    Outcome outcome;
    std::vector<StepRecord> steps;  // as in StepReports
    // A JobManifest as JSON; empty: none. A text of its own, so that nothing in it can keep the end from being told.
    std::string manifest = {};
    std::string usage = {};  // a ResourceUsage as JSON; empty: none. A text of its own for the same reason.
};

BOOST_DESCRIBE_STRUCT(ClaimRequest, (), (protocol, client, process, wait_ms))
BOOST_DESCRIBE_STRUCT(Replay, (), (notes, left_out, caches, workspaces))
BOOST_DESCRIBE_STRUCT(Source, (), (remote, project_slug, branch, tag, revision))
BOOST_DESCRIBE_STRUCT(SshKey, (), (hostname, md5, sha256, private_key))
BOOST_DESCRIBE_STRUCT(CheckoutKey, (), (private_key, for_job))
BOOST_DESCRIBE_STRUCT(RegistryLogin, (), (registry, username, password))
BOOST_DESCRIBE_STRUCT(Limits, (),
                      (job_ms, step_output_bytes, blob_bytes, unpacked_bytes, entries, restore_bytes, restore_ms))
BOOST_DESCRIBE_STRUCT(Assignment, (),
                      (attempt, token, heartbeat_ms, lease_ms, job, job_name, task_total, resources, source, built_in,
                       secrets, build_number, limits, others_take_over, ssh, replay, only_failed_tests, ssh_keys,
                       checkout_key, registry_logins, trusted))
BOOST_DESCRIBE_STRUCT(Heartbeat, (), (stopping))
BOOST_DESCRIBE_STRUCT(HeartbeatAnswer, (), (stop, reason, ssh))
BOOST_DESCRIBE_STRUCT(StepReports, (), (steps))
BOOST_DESCRIBE_STRUCT(BlobNames, (), (names))
BOOST_DESCRIBE_STRUCT(Length, (), (length))
BOOST_DESCRIBE_STRUCT(Stored, (), (stored))
BOOST_DESCRIBE_STRUCT(Layers, (), (layers, jobs))
BOOST_DESCRIBE_STRUCT(TestBatch, (), (batch, tests))
BOOST_DESCRIBE_STRUCT(Finish, (), (outcome, steps, manifest, usage))

}  // namespace gyre::wire
