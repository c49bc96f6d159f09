#pragma once

// Renews the lease from a thread of its own, hears that the job shall stop, and holds to the fencing rule of the
// protocol: an agent that could not renew its lease stops its job before the lease has ended, except while the unix
// socket of a server that is alone refuses connections.

#include <chrono>
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
    // `server_is_local`: the endpoint is a unix socket. While it refuses, nobody else can have been given the attempt,
    // unless other servers take over.
    HeartbeatThread(GatewayClient gateway, HeartbeatTimes times, bool server_is_local, bool others_take_over);
    ~HeartbeatThread();

    void say_stopping() { stopping_ = true; }

private:
    void run();
    void beat();
    std::chrono::milliseconds time_left() const;  // until the job must stop
    std::chrono::milliseconds pause() const;      // until the next beat

    GatewayClient gateway_;
    HeartbeatTimes times_;
    bool server_is_local_;
    bool others_take_over_;  // as last heard
    std::atomic<bool> stopping_{false};
    std::chrono::steady_clock::time_point renewed_at_;
    bool last_failed_ = false;
    Fd end_event_;
    std::thread thread_;
};

}  // namespace gyre::agent
