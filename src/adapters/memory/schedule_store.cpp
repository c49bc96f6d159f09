#include "adapters/memory/schedule_store.h"

namespace gyre::memory {
namespace {

// Null when it is not as it was read any more.
ClaimedSchedule* find(State& state, const StoredSchedule& as_read) {
    const auto found = state.schedules.find({as_read.project, as_read.branch, as_read.workflow});
    if (found == state.schedules.end()) return nullptr;
    const StoredSchedule& stored = found->second.schedule;
    const bool same = stored.settled_until == as_read.settled_until && stored.crons == as_read.crons;
    return same ? &found->second : nullptr;
}

bool is_on(const StoredSchedule& schedule, const ProjectId& project, const std::string& branch) {
    return schedule.project == project && schedule.branch == branch;
}

void forget(State& state, const ProjectId& project, const std::string& branch) {
    std::erase_if(state.schedules, [&](const auto& one) { return is_on(one.second.schedule, project, branch); });
}

}  // namespace

void replace_schedules(State& state, const Commit& commit) {
    if (!commit.schedules || !commit.pipeline) return;
    const Pipeline& pipeline = *commit.pipeline;
    const std::string& branch = commit.schedules->branch;
    for (const auto& other : state.pipelines) {
        const bool same_branch = other.project == pipeline.project && other.trigger.branch == branch;
        if (same_branch && other.number > pipeline.number) return;
    }
    const auto before = state.schedules;
    forget(state, pipeline.project, branch);
    for (const auto& planned : commit.schedules->schedules) {
        auto& made = state.schedules[{pipeline.project, branch, planned.workflow}].schedule;
        made.project = pipeline.project;
        made.branch = branch;
        made.workflow = planned.workflow;
        made.crons.push_back(planned.cron);
        made.settled_until = commit.at;
    }
    for (auto& [key, one] : state.schedules) {
        const auto known = before.find(key);
        if (!is_on(one.schedule, pipeline.project, branch) || known == before.end()) continue;
        const auto crons = one.schedule.crons;
        one = known->second;
        if (one.schedule.crons == crons) continue;
        one.schedule.crons = crons;
        one.schedule.settled_until = commit.at;
        one.claimed_at.reset();
    }
}

Result<std::vector<StoredSchedule>> MemoryScheduleStore::schedules(const std::optional<ProjectId>& project) {
    return trouble_.around("schedule_store.schedules", [&]() -> Result<std::vector<StoredSchedule>> {
        auto state = state_.lock();
        std::vector<StoredSchedule> found;
        for (const auto& [key, one] : state->schedules) {
            if (!project || *project == one.schedule.project) found.push_back(one.schedule);
        }
        return found;
    });
}

Result<bool> MemoryScheduleStore::claim(const StoredSchedule& as_read, Timestamp now) {
    return trouble_.around("schedule_store.claim", [&]() -> Result<bool> {
        auto state = state_.lock();
        ClaimedSchedule* one = find(*state, as_read);
        if (one == nullptr) return false;
        const bool claimed = one->claimed_at && *one->claimed_at <= now + schedule_claim_life;
        if (claimed && now < *one->claimed_at + schedule_claim_life) return false;
        one->claimed_at = now;
        return true;
    });
}

Result<void> MemoryScheduleStore::settle(const StoredSchedule& as_read, const SettledTicks& ticks) {
    return trouble_.around("schedule_store.settle", [&]() -> Result<void> {
        auto state = state_.lock();
        ClaimedSchedule* one = find(*state, as_read);
        if (one == nullptr) return {};
        one->claimed_at.reset();
        one->schedule.settled_until = ticks.until;
        if (ticks.fired) {
            one->schedule.last_tick = ticks.fired;
            one->schedule.last_pipeline = ticks.pipeline;
        }
        if (ticks.missed) {
            one->schedule.missed_tick = ticks.missed;
            one->schedule.missed_why = ticks.missed_why;
        }
        return {};
    });
}

Result<void> MemoryScheduleStore::forget_branch(const ProjectId& project, const std::string& branch) {
    return trouble_.around("schedule_store.forget_branch", [&]() -> Result<void> {
        forget(*state_.lock(), project, branch);
        return {};
    });
}

}  // namespace gyre::memory
