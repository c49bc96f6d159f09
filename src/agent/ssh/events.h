#pragma once

// Tells the server what happened at an attempt's SSH, on a thread of its own, in order, until it is acknowledged or the
// attempt is fenced off. Thread-safe.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "agent/gateway_client.h"
#include "wire/ssh_access.h"

namespace gyre::agent {

class SshEventLog {
public:
    explicit SshEventLog(GatewayClient gateway);
    ~SshEventLog();  // what is not acknowledged is lost

    void add(wire::SshEvent event);  // sequence and age are set here
    void drain();                    // returns when all is told, or nobody will hear it

private:
    struct Happened {
        wire::SshEvent event;
        std::chrono::steady_clock::time_point at;
    };
    void run();
    std::vector<Happened> next(std::unique_lock<std::mutex>& lock);
    void tell(const std::vector<Happened>& happened);

    GatewayClient gateway_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Happened> waiting_;
    int last_sequence_ = -1;
    bool telling_ = false;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace gyre::agent
