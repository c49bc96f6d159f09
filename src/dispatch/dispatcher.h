#pragma once

// Gives waiting tasks to machines: reads queue and live attempts, lets placement decide, makes the decision durable
// (TaskPlaced through the front door), then offers the attempts to agents. Compute the plan, then apply it: a round
// that was cut short is simply done again; what is placed but not claimed is offered anew in each round.
//
// One thread; it sleeps until the bell rings, or a retry's time has come. While offers are not taken it looks again
// every few seconds, so that an agent that died before its claim is replaced.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "placement/plan.h"
#include "ports/front_door.h"
#include "ports/launcher.h"
#include "ports/offers.h"
#include "ports/queue_rules.h"
#include "ports/queue_view.h"
#include "ports/task_queue.h"

namespace gyre::dispatch {

struct DispatchSettings {
    std::string client;   // the name of this machine
    Resources offered;    // what jobs may use of it
    int warm_agents = 1;  // agents that wait beyond what is offered, so that a job starts without waiting for one
    // Quiet after which those are started: not while a job that just got its agent wants the same CPUs.
    std::chrono::milliseconds warm_after{20};
    bool runs = true;  // false: it is never started, and says so to who asks why something waits
};

struct DispatchPorts {
    TaskQueue& queue;
    FrontDoor& front_door;
    Offers& offers;
    Launcher& launcher;
    const Clock& clock;
    QueueRuleStore* rules = nullptr;  // none: all projects are alike and nothing is limited
    // Whether what a job will want to store can be stored; an error: nothing is placed now.
    std::function<Result<void>()> may_start = {};
};

class Dispatcher final : public DispatchBell, public WaitReasons, public QueueView {
public:
    Dispatcher(DispatchPorts ports, DispatchSettings settings);
    ~Dispatcher() override;
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    void start();
    void stop();
    void ring() override;
    std::string why(const JobId& job) const override;
    std::optional<SeenWait> wait_of(const AttemptRef& attempt) const override;
    QueueCounts counts() const override;

    // What the loop does each time it wakes: a round. Answers after how long to look again although nobody rang;
    // nothing: not before. Public, as the next two, for tests and for those who drive it themselves.
    std::optional<Duration> turn();
    Result<void> round();
    // Starts the agents that are kept ready.
    Result<void> keep_warm();

private:
    struct World;
    struct Seen;

    void run();
    // What was placed and not claimed: by an earlier process, or by a round whose offer got lost. An attempt that was
    // canceled before anybody claimed it ends here; `unavailable` when it could not.
    Result<void> offer_again(const std::vector<LiveAttempt>& live);
    static World world_of(const std::vector<QueuedTask>& queued, const std::vector<LiveAttempt>& live);
    Result<placement::Placement> make_plan(const std::vector<LiveAttempt>& live);
    static bool wants_room(const placement::Placement& plan);
    Result<void> place(const placement::Placement& plan);
    Duration wait_for_others() const;
    Result<placement::Rules> rules(const std::vector<LiveAttempt>& live);
    // What people may ask about until the next round.
    void remember(placement::Placement plan);

    DispatchPorts ports_;
    DispatchSettings settings_;
    std::optional<Timestamp> next_ready_;    // of the last round; used by whoever drives the rounds
    bool others_were_faster_ = false;        // likewise: some of what it wanted was not to be had
    int got_nothing_ = 0;                    // likewise: rounds, up to the last one, that wanted something in vain
    std::map<ProjectId, Timestamp> served_;  // when each project got a machine last; used like next_ready_
    mutable Guarded<std::shared_ptr<const Seen>> seen_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool rung_ = true;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gyre::dispatch
