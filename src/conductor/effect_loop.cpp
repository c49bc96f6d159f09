#include "conductor/effect_loop.h"

#include "base/log.h"

namespace gyre::conductor {
namespace {

constexpr int batch_size = 256;

}  // namespace

EffectLoop::EffectLoop(Outbox& outbox, StopBell& stop_bell, FollowUps& follow_ups, std::chrono::milliseconds pause)
    : outbox_(outbox), stop_bell_(stop_bell), follow_ups_(follow_ups), pause_(pause) {}

EffectLoop::~EffectLoop() { stop(); }

void EffectLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void EffectLoop::wake() {
    const std::lock_guard lock(mutex_);
    more_ = true;
    changed_.notify_one();
}

void EffectLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void EffectLoop::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait(lock, [this] { return more_ || stopping_; });
        more_ = false;
        lock.unlock();
        const bool answered = carry_out_pending();
        lock.lock();
        if (answered || stopping_) continue;
        log::warn("conductor", "the outbox cannot be read or marked, or an effect not be stored; trying again in {} ms",
                  pause_.count());
        changed_.wait_for(lock, pause_, [this] { return stopping_; });
        more_ = true;
    }
}

bool EffectLoop::carry_out_pending() {
    while (true) {
        const auto pending = outbox_.pending(batch_size);
        if (!pending) return false;
        if (pending->empty()) return true;
        std::vector<std::int64_t> done;
        bool all = true;
        for (const auto& item : *pending) {
            const auto carried = carry_out(item.effect);
            if (!carried && carried.error().fault == Fault::unavailable) {
                all = false;
                continue;
            }
            if (!carried) log::warn("conductor", "an effect cannot be carried out: {}", carried.error().message);
            done.push_back(item.id);
        }
        if (!outbox_.done(done) || !all) return false;
    }
}

Result<void> EffectLoop::carry_out(const Effect& effect) {
    if (const auto* stop = std::get_if<StopAttempt>(&effect)) stop_bell_.stop(stop->attempt, stop->reason);
    if (const auto* rerun = std::get_if<AutoRerun>(&effect)) return follow_ups_.rerun_by_itself(rerun->workflow);
    if (const auto* newer = std::get_if<CancelSuperseded>(&effect))
        return follow_ups_.cancel_superseded(newer->pipeline);
    if (const auto* continued = std::get_if<CancelWithSetup>(&effect))
        return follow_ups_.cancel_with_setup(continued->pipeline);
    // JobEnded and WorkflowEnded wait for notify/ (commit statuses, mail, webhooks), which will hear them here.
    return {};
}

}  // namespace gyre::conductor
