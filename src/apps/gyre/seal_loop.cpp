#include "apps/gyre/seal_loop.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "base/log.h"

namespace gyre::apps {
namespace {

constexpr int give_way = 10;

}  // namespace

SealLoop::SealLoop(std::function<Result<output::SealedCount>(const GoOn&)> work, Duration every)
    : work_(std::move(work)), every_(every) {}

void SealLoop::start() {
    if (every_ <= Duration{0}) return;
    thread_.start(every_, [this] {
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), give_way);  // of this thread alone
        turn();
    });
}

void SealLoop::turn() {
    const auto sealed = work_([this]() -> Result<void> {
        return thread_.is_stopping() ? Result<void>(unavailable("the server stops")) : Result<void>();
    });
    if (!sealed && !thread_.is_stopping()) {
        log::warn("output", "the output of ended jobs stays unsealed for now: {}", sealed.error().message);
    } else if (sealed && sealed->outputs > 0) {
        log::debug("output", "sealed {} outputs: {} kB became {} kB", sealed->outputs, sealed->bytes >> 10,
                   sealed->stored >> 10);
    }
}

}  // namespace gyre::apps
