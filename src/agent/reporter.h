#pragma once

// Tells the server about the steps, on a thread of its own, so that no step waits for it. Reports gather for a moment,
// as each call costs the server a wait for its disk: what quick steps have to say travels together, and of several
// reports of one step only the last is sent. Reports are sent until acknowledged; the last ones can be held back, to go
// with the end of the attempt: that is one call less to wait for. Thread-safe.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/gateway_client.h"
#include "model/records.h"

namespace gyre::agent {

class Reporter {
public:
    explicit Reporter(GatewayClient gateway, std::chrono::milliseconds gather = std::chrono::milliseconds{5});
    ~Reporter();  // what is not acknowledged is lost

    void report(const StepRecord& record);
    void hold();     // sends nothing more
    void release();  // and does again
    // What is not acknowledged, a few at most; waits for the call that is under way. Nothing is sent from here on.
    std::vector<StepRecord> take_rest();

private:
    void run();
    void send(std::unique_lock<std::mutex>& lock);

    GatewayClient gateway_;
    BackOff back_off_;
    std::chrono::milliseconds gather_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int, StepRecord> waiting_;  // by step index
    bool sending_ = false;
    bool holding_ = false;
    bool hurrying_ = false;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace gyre::agent
