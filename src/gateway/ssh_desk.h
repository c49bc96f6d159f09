#pragma once

// SSH into running jobs, on the server's side: tells agents who may come in, and keeps what they tell of it. For
// heartbeats who asked is read from the store at most once in a moment for all jobs together, however many agents ask;
// what was read last stands while the store cannot be read. Thread-safe.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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

enum class AsOf { now, a_moment_ago };

class SshDesk {
public:
    SshDesk(SshDeskPorts ports, SshSettings settings) : ports_(ports), settings_(std::move(settings)) {}

    // Nothing: nobody may come in. An agent that begins needs `now`: its job may end before the next heartbeat.
    std::optional<wire::SshAccess> access_of(const JobId& job, AsOf when);
    // Of a running attempt. The same events again change nothing. `invalid`, `unavailable`.
    Result<void> note(const AttemptRef& attempt, const std::vector<wire::SshEvent>& events);

private:
    using Instant = std::chrono::steady_clock::time_point;
    using Guests = std::map<JobId, std::vector<SshGuestOfJob>>;

    void refresh(AsOf when);
    Result<AuditEvent> record_of(const AttemptRef& attempt, const wire::SshEvent& event);

    SshDeskPorts ports_;
    SshSettings settings_;
    std::mutex mutex_;  // guards what follows
    Guests guests_;
    std::optional<Instant> read_at_;
};

}  // namespace gyre::gateway
