#pragma once

// Outputs that go on after their step: background steps, and processes that a step left behind with its pipe. A thread,
// started with the first of them, pumps them until the job ends. Thread-safe.

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/step_output.h"
#include "base/fd.h"

namespace gyre::agent {

class BackgroundOutputs {
public:
    BackgroundOutputs();
    ~BackgroundOutputs();

    void adopt(std::shared_ptr<StepOutput> output);
    // All processes are dead: takes what is left in the pipes, at most for `grace`, and finishes every output.
    void finish(std::chrono::milliseconds grace);

private:
    void run();
    void wake();
    void pump_round(std::vector<std::shared_ptr<StepOutput>>& outputs);

    std::mutex mutex_;
    std::vector<std::shared_ptr<StepOutput>> adopted_;  // not yet taken over by the thread
    std::atomic<bool> finishing_ = false;
    std::chrono::steady_clock::time_point deadline_;
    Fd news_;
    std::thread thread_;
};

}  // namespace gyre::agent
