#pragma once

// Tells the server about the steps, on a thread of its own, so that no step waits for it. Of several reports of one
// step that wait, the last is sent. Reports are sent until acknowledged; the last ones can be held back, to go with the
// end of the attempt: that is one call less to wait for. Thread-safe.

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
    explicit Reporter(GatewayClient gateway);
    ~Reporter();  // what is not acknowledged is lost

    void report(const StepRecord& record);
    void hold();  // sends nothing more
    // What is not acknowledged, a few at most; waits for the call that is under way. Nothing is sent from here on.
    std::vector<StepRecord> take_rest();

private:
    void run();
    void send(std::unique_lock<std::mutex>& lock);

    GatewayClient gateway_;
    BackOff back_off_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int, StepRecord> waiting_;  // by step index
    bool sending_ = false;
    bool holding_ = false;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace gyre::agent
