#include "base/paced_thread.h"

#include <utility>

namespace gyre {

void PacedThread::start(Duration every, std::function<void()> turn) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = false;
    }
    thread_ = std::thread([this, every, turn = std::move(turn)] { run(every, turn); });
}

void PacedThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool PacedThread::is_stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void PacedThread::run(Duration every, const std::function<void()>& turn) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, every, [this] { return stopping_; })) {
        lock.unlock();
        turn();
        lock.lock();
    }
}

}  // namespace gyre
