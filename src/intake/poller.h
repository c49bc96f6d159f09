#pragma once

// Looks at projects' remotes on threads of its own, for pushes that nobody announced: at the start at every project,
// then from time to time at those that are polled, and at a project where news is missing as soon as somebody says so
// (hooks fail, too). A remote that fails is asked ever less often (up to 16 rounds) until it answers again, however
// often somebody asks. Remotes that hang hold up the others little: four are asked at a time, those that failed last
// come last, and at most four of these in a round.

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "intake/push.h"

namespace gyre::intake {

class Poller {
public:
    // An interval of zero turns polling off, but not the looks at the start and those that are asked for.
    Poller(PushPorts ports, std::chrono::milliseconds interval);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void start();
    void stop();

    // The project's refs are to be compared with what was seen, soon; also of one that is not polled. Never blocks.
    void look_soon(const ProjectId& project);

    // Why there is a round: because its time has come, then it looks at every project that is polled or wanted; or
    // because somebody asked, then at those that are wanted. Only time brings a remote that failed nearer to its look.
    enum class Cause { time, asked };
    // Public for tests.
    void round(Cause cause);

private:
    struct Due {
        Project project;
        int failures = 0;  // in a row
    };
    void run();
    std::vector<Due> due(const std::vector<Project>& projects, Cause cause);
    void look(const Project& project);
    std::chrono::milliseconds pause();

    PushPorts ports_;
    std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<ProjectId, int> skip_;      // rounds, in time, still to be left out
    std::map<ProjectId, int> failures_;  // in a row
    std::set<ProjectId> wanted_;
    bool all_wanted_ = false;  // every project, once they can be read
    bool asked_ = false;       // somebody wants a look now
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gyre::intake
