#pragma once

// Polling, the fall-back where no hook tells us of pushes: asks each project's remote for its refs from time to time
// and receives what moved as pushes. A project whose refs are not known yet is only looked at: its history makes
// no pipelines. One thread. The interval is the administrator's; a remote that fails is asked ever less often (up to 16
// times the interval) until it answers again.

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "intake/push.h"

namespace gyre::intake {

class Poller {
public:
    // An interval of zero turns polling off.
    Poller(PushPorts ports, std::chrono::milliseconds interval);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void start();
    void stop();

    // Looks at every project that wants it, once. Public for tests.
    void round();

private:
    void run();
    Result<void> look_at(const Project& project);

    PushPorts ports_;
    std::chrono::milliseconds interval_;
    std::map<ProjectId, int> skip_;      // rounds still to be left out
    std::map<ProjectId, int> failures_;  // in a row
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gyre::intake
