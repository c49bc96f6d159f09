#pragma once

// Renews the lease from a thread of its own, hears that the job shall stop, and holds to the fencing rule of the
// protocol: an agent that could not renew its lease stops its job before the lease has ended, except while the unix
// socket of a server that is alone refuses connections.

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "agent/gateway_client.h"
#include "base/fd.h"

namespace gyre::agent {

struct HeartbeatTimes {
    std::chrono::milliseconds every{5'000};
    std::chrono::milliseconds lease{15'000};
};

// How long after the last renewal the job is stopped: a second of the lease is left for killing it.
std::chrono::milliseconds time_without_renewal(std::chrono::milliseconds lease);

class HeartbeatThread {
public:
    using HearSsh = std::function<void(std::optional<wire::SshAccess>)>;  // called on the heartbeat's thread
    // `only_server`: the endpoint is a unix socket, and no other server takes over: nobody else can have been given the
    // attempt while it refuses.
    HeartbeatThread(GatewayClient gateway, HeartbeatTimes times, bool only_server, HearSsh hear_ssh = {});
    ~HeartbeatThread();

    void say_stopping() { stopping_ = true; }

private:
    void run();
    void beat();
    std::chrono::milliseconds time_left() const;  // until the job must stop
    std::chrono::milliseconds pause() const;      // until the next beat

    GatewayClient gateway_;
    HeartbeatTimes times_;
    bool only_server_;
    HearSsh hear_ssh_;
    std::atomic<bool> stopping_{false};
    std::chrono::steady_clock::time_point renewed_at_;
    bool last_failed_ = false;
    Fd end_event_;
    std::thread thread_;
};

}  // namespace gyre::agent
