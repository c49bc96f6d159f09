#include "apps/gyre/paced_work.h"

#include <sched.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace gyre::apps {
namespace {

// The calling thread alone.
void let_others_first() {
    const sched_param none{};
    if (::sched_setscheduler(0, SCHED_BATCH, &none) != 0)
        log::debug("server", "work in the background is as urgent as any: {}", std::strerror(errno));
}

}  // namespace

PacedWork::PacedWork(std::function<void(const GoOn&)> work, Duration every, Urgency urgency)
    : work_(std::move(work)), every_(every), urgency_(urgency) {}

void PacedWork::start() {
    if (every_ <= Duration{0}) return;
    const auto go_on = [this]() -> Result<void> {
        return thread_.is_stopping() ? Result<void>(unavailable("the server stops")) : Result<void>();
    };
    thread_.start(every_, [this, go_on, first = true]() mutable {
        if (std::exchange(first, false) && urgency_ == Urgency::batch) let_others_first();
        work_(go_on);
    });
}

}  // namespace gyre::apps
