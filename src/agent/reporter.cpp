#include "agent/reporter.h"

#include "base/log.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_at_the_end = 100;  // records that may go with the end of the attempt

}  // namespace

Reporter::Reporter(GatewayClient gateway, std::chrono::milliseconds gather)
    : gateway_(std::move(gateway)), gather_(gather), thread_([this] { run(); }) {}

Reporter::~Reporter() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Reporter::report(const StepRecord& record) {
    {
        const std::lock_guard lock(mutex_);
        waiting_[record.index] = record;
    }
    changed_.notify_all();
}

void Reporter::hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
}

void Reporter::release() {
    {
        const std::lock_guard lock(mutex_);
        holding_ = false;
    }
    changed_.notify_all();
}

std::vector<StepRecord> Reporter::take_rest() {
    std::unique_lock lock(mutex_);
    hurrying_ = true;
    holding_ = waiting_.size() <= most_at_the_end;
    changed_.notify_all();
    changed_.wait(lock,
                  [&] { return (!sending_ && waiting_.size() <= most_at_the_end) || gateway_.control().is_fenced(); });
    holding_ = true;
    std::vector<StepRecord> rest;
    for (auto& [index, record] : waiting_) rest.push_back(std::move(record));
    waiting_.clear();
    return rest;
}

void Reporter::run() {
    std::unique_lock lock(mutex_);
    while (!closing_ && !gateway_.control().is_fenced()) {
        if (waiting_.empty() || holding_) {
            changed_.wait(lock, [&] { return closing_ || (!waiting_.empty() && !holding_); });
            continue;
        }
        changed_.wait_for(lock, gather_, [&] { return closing_ || holding_ || hurrying_; });
        if (!closing_ && !holding_ && !waiting_.empty()) send(lock);
    }
    changed_.notify_all();
}

void Reporter::send(std::unique_lock<std::mutex>& lock) {
    wire::StepReports reports;
    for (auto& [index, record] : waiting_) reports.steps.push_back(std::move(record));
    waiting_.clear();
    sending_ = true;
    lock.unlock();
    const auto sent = gateway_.report(reports);
    const bool again = !sent && sent.error().fault == Fault::unavailable;
    if (again) sleep_unless(gateway_.control().fence_event(), back_off_.next(gateway_.was_refused()));
    lock.lock();
    sending_ = false;
    if (again) {
        // What was reported meanwhile is newer.
        for (auto& record : reports.steps) waiting_.try_emplace(record.index, std::move(record));
    } else {
        back_off_.reset();
        if (!sent && sent.error().fault != Fault::conflict) log::error("reporter", "{}", sent.error().message);
    }
    changed_.notify_all();
}

}  // namespace gyre::agent
