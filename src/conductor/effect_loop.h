#pragma once

// Carries out committed effects: reads the outbox, acts, marks done. Wakes when the conductor says there is more, and
// once at start for what an earlier process left. An effect may be carried out twice, never not at all: one that the
// database did not let happen stays, and the others go on.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ports/front_door.h"
#include "ports/outbox.h"

namespace gyre::conductor {

class EffectLoop {
public:
    // After trouble with the outbox it is tried again so much later.
    EffectLoop(Outbox& outbox, StopBell& stop_bell, FollowUps& follow_ups,
               std::chrono::milliseconds pause = std::chrono::seconds{1});
    ~EffectLoop();
    EffectLoop(const EffectLoop&) = delete;
    EffectLoop& operator=(const EffectLoop&) = delete;

    void start();
    void wake();  // never blocks
    void stop();  // after the effects at hand

    // What the loop does each time it wakes: carries out all that is pending. False: the database did not answer, to be
    // tried again after the pause. Public for those who drive it themselves.
    bool carry_out_pending();

private:
    void run();
    Result<void> carry_out(const Effect& effect);

    Outbox& outbox_;
    StopBell& stop_bell_;
    FollowUps& follow_ups_;
    std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool more_ = true;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gyre::conductor
