#pragma once

// The whole server on its embedded defaults, put together: adapters, modules and loops in flow order, introduced to one
// another by plain constructors. `gyre server` runs it for others to reach; `gyre run` runs it for itself, without TCP.

#include <functional>
#include <memory>
#include <string>

#include "apps/gyre/services.h"
#include "apps/gyre/settings.h"
#include "base/result.h"
#include "config/input.h"
#include "intake/push.h"
#include "ports/blob_store.h"
#include "ports/live.h"
#include "ports/output_store.h"
#include "ports/pipeline_reads.h"
#include "ports/run_records.h"
#include "ports/ssh_store.h"
#include "ports/workflow_store.h"
#include "wire/agent_protocol.h"

namespace gyre::apps {

struct InstallationOptions {
    ServerSettings settings;
    bool serve = true;            // false: no TCP, no polling; only the socket for local agents
    config::OrbSource orbs = {};  // when it does not serve; else there is its own registry
    // Changes what agents are told to do, before they are; called by threads of the server.
    std::function<void(wire::Assignment&)> adjust = {};
};

class Installation {
public:
    static Result<std::unique_ptr<Installation>> open(const InstallationOptions& options);
    ~Installation();

    Result<void> start();
    void stop();  // running jobs go on; their agents wait for the next start

    std::string url() const;      // once started
    bool listens() const;         // once started; not without the service frontend
    std::string running() const;  // names of the services in this process, with commas between them
    enum class Admitted { in_any_case, as_first };
    // From here on `token` may do everything, unless it shall be the first one and there is one (false). It is shown
    // before it is stored, for only its hash is kept; perhaps more than once.
    Result<bool> admit_administrator(const std::string& token, Admitted when,
                                     const std::function<Result<void>()>& show);

    intake::PushPorts push_ports();
    ProjectStore& projects();
    FrontDoor& front_door();
    WorkflowStore& workflows();
    PipelineReads& reads();
    RunRecords& records();
    OutputStore& output();
    BlobStore& blobs();
    SshStore& ssh();
    Live& live();

private:
    struct Parts;
    explicit Installation(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// Resolves the directory of the running executable: where gyre-agent and gyre-injob stand beside it.
std::string executable_directory();

}  // namespace gyre::apps
