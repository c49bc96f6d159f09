#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/schedule_store.h"

namespace gyre::memory {

class MemoryScheduleStore final : public ScheduleStore {
public:
    MemoryScheduleStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::vector<StoredSchedule>> schedules(const std::optional<ProjectId>& project) override;
    Result<bool> claim(const StoredSchedule& as_read, Timestamp now) override;
    Result<void> settle(const StoredSchedule& as_read, const SettledTicks& ticks) override;
    Result<void> forget_branch(const ProjectId& project, const std::string& branch) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

// What a commit says of a branch's schedules; the commit's pipeline stands in the state already.
void replace_schedules(State& state, const Commit& commit);

}  // namespace gyre::memory
