#pragma once

// An executor makes the place where a job's steps run, a "box": a group of containers, a sandbox on this host, or no
// more than a directory and a supervisor. Order of calls: prepare once, then use supervisor(), then stop(), then
// destroy() (also by the destructor). Nothing of a box is left after destroy(): no process, mount, container, directory
// or cgroup. What a killed agent left, or could not remove, is removed by sweep() of a later agent. Not thread-safe.

#include <sys/types.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/executors/cdi.h"
#include "agent/executors/disk_meter.h"
#include "agent/executors/usage_meter.h"
#include "agent/supervisor.h"
#include "base/result.h"
#include "model/job_manifest.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

class ReadyContainer;  // executors/ready_container.h

struct BoxRequest {
    const wire::Assignment* assignment = nullptr;
    std::string name;         // unique; the attempt id
    std::string directory;    // private, exists, owned by the agent; removed by the caller after destroy()
    std::string injob_path;   // the static helper executable on this host
    Environment environment;  // for the primary's own process; expanded registry credentials use it as well
    std::function<void(std::string_view)> say;  // progress for the "Spin up environment" step; whole lines
    int cancel = -1;                            // a descriptor; readable: prepare() gives up soon, with `unavailable`
    std::span<const CdiDevice> gpus = {};       // of this machine, which the job has for itself
    ReadyContainer* ready = nullptr;    // where this agent may have made one; for executors that have containers
    std::function<void()> left_behind;  // called when prepare() failed and could not remove all that it had made
};

class Box {
public:
    virtual ~Box() = default;
    virtual Supervisor& supervisor() = 0;
    // Where the job's processes find the helper, and the directory for their temporary files.
    virtual std::string helper() const { return std::string(wire::injob_directory) + "/gyre-injob"; }
    virtual std::string temporary() const { return "/tmp"; }
    // Of its containers, in the order of the job's; none where it stands on the machine's own files.
    virtual std::vector<UsedImage> images() const { return {}; }
    // One that runs in it, as this machine numbers it; 0: none that has a network of its own.
    virtual pid_t process() const { return 0; }
    // A sentence when the box died, or was limited since the last forget_trouble() ("out of memory: the limit of 4096
    // MB was reached"); else empty.
    virtual std::string trouble() = 0;
    // Called between steps: what the box was limited in until now shall not explain a later failure.
    virtual void forget_trouble() = 0;
    // Reads what the box has used so far. A value of its own, which another thread may read while the box stands.
    virtual UsageMeter usage_meter() const { return {}; }
    // Counts what its files take of the disk; null: that cannot be told.
    virtual std::unique_ptr<DiskMeter> disk_meter() const { return nullptr; }
    // Ends all that runs in the box and uses the machine's CPUs and memory: from here on the job's share of them may be
    // given to another. Files and empty control groups may stay for destroy(), which can take long. The supervisor is
    // gone. Idempotent; answers as destroy() does.
    virtual Result<void> stop() { return destroy(); }
    // Idempotent; the first call tells what could not be removed and must be swept later.
    virtual Result<void> destroy() = 0;
};

class Executor {
public:
    virtual ~Executor() = default;
    virtual std::string_view name() const = 0;  // "docker", "podman", "oci", "sandbox", "plain"
    // Error: `unavailable` when this host cannot do it now (our failure), `invalid` when the job's own wishes cannot be
    // met (image not found, no access): the message says which image and what to do.
    virtual Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) = 0;
    // Removes boxes of agents that are no longer alive. `alive` answers for a box name. Error: something stays.
    virtual Result<void> sweep(const std::function<bool(std::string_view name)>& alive) = 0;
    // Called when a job's box is gone and its end was told: for what takes its time. What fails is only logged.
    virtual void tidy() {}
};

struct ExecutorSettings {
    std::string docker_socket;  // empty: /var/run/docker.sock when it answers, then podman's; "none": there is none
    bool allow_host_sandbox = false;  // --sandbox=host: run docker jobs on this host's file system, in the sandbox
    bool allow_plain = false;         // --sandbox=none: run them as plain processes of this user
    std::string work_directory;
    std::int64_t image_budget = std::int64_t{20'000} << 20;  // bytes of images that agents fetched; 0: any number
    std::vector<std::string> hidden;     // directories of this host that no sandboxed job may see: the server's data
    unsigned first_sandbox_uid = 64600;  // agents that run as root give each sandbox a user id from here on
};

// The executor for this job on this host, or the reason and what to install (Fault::unavailable).
Result<std::unique_ptr<Executor>> choose_executor(const ExecutorSpec& wanted, const ExecutorSettings& settings);

// A container engine's primary container for the next job, made while the agent waits for it.
std::unique_ptr<ReadyContainer> begin_ready_container(const ExecutorSettings& settings, const std::string& injob_path);

// Does once what each agent that is copied from this process would do again: loads the name service's libraries,
// compiles the filter of system calls. Starts no thread and opens nothing that stays open.
void warm_up(const ExecutorSettings& settings);

// The executor of that name(), to sweep what it left; never another one in its place.
Result<std::unique_ptr<Executor>> executor_named(std::string_view name, const ExecutorSettings& settings);

}  // namespace gyre::agent
