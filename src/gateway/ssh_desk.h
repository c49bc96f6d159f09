#pragma once

// SSH into running jobs, on the server's side: tells agents who may come in, and keeps what they tell of it. Heartbeats
// are answered from memory: a thread of its own reads from the store who asked, once in a moment for all jobs together,
// and what was read last stands while the store cannot be read. Thread-safe.

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/paced_thread.h"
#include "ports/audit_log.h"
#include "ports/project_store.h"
#include "ports/ssh_store.h"
#include "ports/workflow_store.h"
#include "wire/ssh_access.h"

namespace gyre::gateway {

struct SshSettings {
    bool enabled = true;
    std::string bind;  // as wire::SshAccess has them
    std::string host;
    int first_port = 64'535;
    int last_port = 65'535;
    Duration idle = std::chrono::minutes{10};
    Duration most = std::chrono::hours{2};
};

struct SshDeskPorts {
    SshStore& ssh;
    AuditLog& audit;
    WorkflowStore& workflows;
    ProjectStore& projects;
    const Clock& clock;
};

class SshDesk {
public:
    SshDesk(SshDeskPorts ports, SshSettings settings) : ports_(ports), settings_(std::move(settings)) {}

    // Reads who asked, and from then on again and again while heartbeats want to know. May follow a stop().
    void start();
    void stop() { thread_.stop(); }

    // As it was read last; never waits. Nothing: nobody may come in.
    std::optional<wire::SshAccess> access_of(const JobId& job) const;
    // Read now, for an agent that begins: its job may end before the next heartbeat.
    std::optional<wire::SshAccess> access_now(const JobId& job);
    // Once; a failure is logged.
    void read_again();
    // Of a running attempt. The same events again change nothing. `invalid`, `unavailable`.
    Result<void> note(const AttemptRef& attempt, const std::vector<wire::SshEvent>& events);

private:
    using Guests = std::map<JobId, std::vector<SshGuestOfJob>>;

    Result<AuditEvent> record_of(const AttemptRef& attempt, const wire::SshEvent& event);

    SshDeskPorts ports_;
    SshSettings settings_;
    mutable Guarded<std::shared_ptr<const Guests>> guests_;  // none were read yet: null
    mutable std::atomic<bool> is_wanted_ = false;            // since it was read
    PacedThread thread_;
};

}  // namespace gyre::gateway
