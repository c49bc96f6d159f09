#include "intake/schedule_loop.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"
#include "model/project.h"

namespace gyre::intake {
namespace {

// Another server on the database may have stored schedules and died before it could say so.
constexpr Duration longest_sleep = std::chrono::minutes{5};
constexpr Duration pause_after_trouble = std::chrono::seconds{10};
constexpr Duration longest_pause = std::chrono::minutes{5};

std::string place_of(const StoredSchedule& schedule) { return schedule.branch + ":" + schedule.workflow; }

Trigger trigger_of(const StoredSchedule& schedule, Timestamp tick, const std::string& revision, Timestamp now) {
    return {.id = {"schedule:" + schedule.project.text + ":" + place_of(schedule) + ":" + to_iso(tick)},
            .project = schedule.project,
            .kind = TriggerKind::schedule,
            .actor = "schedule",
            .branch = schedule.branch,
            .revision = revision,
            .received_at = now,
            .only_workflow = schedule.workflow,
            .schedule_id = schedule_id(schedule),
            .schedule_name = schedule.workflow};
}

Timestamp settled_by(const DueTicks& due, Timestamp now) {
    if (due.set_back) return now;
    if (due.fire) return *due.fire;
    return std::max(*due.missed, now - latest_firing - Duration{1});
}

}  // namespace

// A project's remote, asked once in a round.
class ScheduleLoop::Remote {
public:
    Remote(const SchedulePorts& ports, const ProjectId& project) : ports_(ports), project_(project) {}

    // Empty: there is no such branch.
    Result<std::string> head(const std::string& branch) {
        if (!refs_) refs_ = ask();
        if (!*refs_) return refs_->error();
        const auto found = (*refs_)->find("refs/heads/" + branch);
        return found == (*refs_)->end() ? std::string() : found->second;
    }

    // "git/app main:nightly", for the log.
    std::string name_of(const StoredSchedule& schedule) {
        return (project() ? project()->slug : project_.text) + " " + place_of(schedule);
    }

private:
    using Refs = std::map<std::string, std::string>;
    const Result<Project>& project() {
        if (!found_) found_ = ports_.projects.by_id(project_);
        return *found_;
    }
    Result<Refs> ask() {
        if (!project()) return project().error();
        return ports_.git.list_refs(*project());
    }
    const SchedulePorts& ports_;
    const ProjectId& project_;
    std::optional<Result<Project>> found_;
    std::optional<Result<Refs>> refs_;
};

void ScheduleLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void ScheduleLoop::wake() {
    const std::lock_guard lock(mutex_);
    changes_ = true;
    changed_.notify_one();
}

void ScheduleLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

bool ScheduleLoop::is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void ScheduleLoop::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changes_ = false;
        lock.unlock();
        const std::chrono::system_clock::time_point next = round();
        lock.lock();
        // The wall clock's own time: a clock that is set forward wakes the loop.
        changed_.wait_until(lock, next, [this] { return stopping_ || changes_; });
    }
}

Timestamp ScheduleLoop::round() {
    const Timestamp now = ports_.clock.now();
    const auto schedules = ports_.schedules.schedules(std::nullopt);
    if (!schedules) {
        log::warn("schedules", "they cannot be read: {}", schedules.error().message);
        return now + pause_after_trouble;
    }
    Timestamp wake_at = now + longest_sleep;
    std::map<ProjectId, std::vector<Item>> by_project;
    for (const auto& schedule : *schedules) {
        Item item{schedule, due_ticks(read_timetable(schedule.crons), schedule.settled_until, now)};
        if (item.due.next) wake_at = std::min(wake_at, *item.due.next);
        if (!item.due.any()) continue;
        const auto again = postponed_until(item, now);
        if (again) wake_at = std::min(wake_at, *again);
        if (!again) by_project[schedule.project].push_back(std::move(item));
    }
    std::vector<const std::vector<Item>*> due;
    for (const auto& [project, items] : by_project) due.push_back(&items);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t at = next++; at < due.size(); at = next++) {
            const Timestamp of_this = deal_with_project(*due[at], now);
            const std::lock_guard lock(mutex_);
            wake_at = std::min(wake_at, of_this);
        }
    };
    std::vector<std::thread> beside;
    for (std::size_t i = 1; i < std::min(at_a_time_, due.size()); ++i) beside.emplace_back(work);
    work();
    for (auto& thread : beside) thread.join();
    return wake_at;
}

// Only what would fire waits: what is missed by now is noted at once.
std::optional<Timestamp> ScheduleLoop::postponed_until(const Item& item, Timestamp now) {
    const std::lock_guard lock(mutex_);
    const auto failure = failures_.find(key_of(item.schedule));
    if (!item.due.fire || failure == failures_.end()) return std::nullopt;
    const Timestamp again = failure->second.again;
    return again > now && again <= now + longest_pause ? std::optional(again) : std::nullopt;
}

Timestamp ScheduleLoop::deal_with_project(const std::vector<Item>& items, Timestamp now) {
    Timestamp wake_at = Timestamp::max();
    Remote remote(ports_, items.front().schedule.project);
    for (const Item& item : items) {
        if (is_stopping()) break;
        const auto claimed = ports_.schedules.claim(item.schedule, now);
        if (!claimed || !*claimed) {
            wake_at = std::min(wake_at, now + (claimed ? schedule_claim_life : pause_after_trouble));
            continue;
        }
        const auto dealt = deal_with(item, remote, now);
        if (!dealt) {
            wake_at = std::min(wake_at, postpone(item, remote.name_of(item.schedule), dealt.error(), now));
            continue;
        }
        const std::lock_guard lock(mutex_);
        failures_.erase(key_of(item.schedule));
    }
    return wake_at;
}

Result<void> ScheduleLoop::deal_with(const Item& item, Remote& remote, Timestamp now) {
    const auto& [schedule, due] = item;
    SettledTicks ticks{.until = settled_by(due, now), .missed = due.missed};
    if (due.fire) {
        GYRE_TRY_ASSIGN(const std::string head, remote.head(schedule.branch));
        if (head.empty()) {
            log::info("schedules", "{}: the branch is gone, and its schedules with it", remote.name_of(schedule));
            return ports_.schedules.forget_branch(schedule.project, schedule.branch);
        }
        GYRE_TRY_ASSIGN(ticks.pipeline, ports_.front_door.trigger(trigger_of(schedule, *due.fire, head, now)));
        ticks.fired = due.fire;
        log::info("schedules", "{} of {} made pipeline {}", remote.name_of(schedule), to_iso(*due.fire),
                  ticks.pipeline.text);
    }
    if (due.missed) {
        ticks.missed_why = why_missed(schedule);
        log::warn("schedules", "{} missed {}{} of its times, at last that of {}: {}", remote.name_of(schedule),
                  due.missed_count, due.missed_count == most_counted ? " or more" : "", to_iso(*due.missed),
                  ticks.missed_why);
    }
    if (due.set_back) log::warn("schedules", "the clock was set back: {} goes on from now", remote.name_of(schedule));
    return ports_.schedules.settle(schedule, ticks);
}

std::string ScheduleLoop::why_missed(const StoredSchedule& schedule) {
    const std::lock_guard lock(mutex_);
    const auto failure = failures_.find(key_of(schedule));
    return failure == failures_.end() ? "no server was there to start it" : failure->second.why;
}

Timestamp ScheduleLoop::postpone(const Item& item, const std::string& name, const Error& error, Timestamp now) {
    // Others may try. What is not released by this lapses.
    const auto released = ports_.schedules.settle(item.schedule, {.until = item.schedule.settled_until});
    const std::lock_guard lock(mutex_);
    if (failures_.size() > 100'000) failures_.clear();  // of schedules that are gone, most of them
    Failure& failure = failures_[key_of(item.schedule)];
    const Duration pause = pause_after_trouble * (1 << std::min(failure.times, 5));
    ++failure.times;
    failure.again = now + std::min(pause, longest_pause);
    failure.why = error.message;
    log::warn("schedules", "{} could not start: {}; again at {}{}", name, error.message, to_iso(failure.again),
              released ? "" : " (" + released.error().message + ")");
    return failure.again;
}

}  // namespace gyre::intake
