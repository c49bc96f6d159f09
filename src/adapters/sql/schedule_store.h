#pragma once

#include "adapters/sql/connections.h"
#include "ports/schedule_store.h"
#include "ports/workflow_store.h"

namespace gyre::sql {

class SqlScheduleStore final : public ScheduleStore {
public:
    explicit SqlScheduleStore(Connections& connections) : connections_(connections) {}

    Result<std::vector<StoredSchedule>> schedules(const std::optional<ProjectId>& project) override;
    Result<bool> claim(const StoredSchedule& as_read, Timestamp now) override;
    Result<void> settle(const StoredSchedule& as_read, const SettledTicks& ticks) override;
    Result<void> forget_branch(const ProjectId& project, const std::string& branch) override;

private:
    Connections& connections_;
};

// Within the commit's transaction, its pipeline written: replaces what the commit says of a branch's schedules.
Result<void> replace_schedules(Database& database, const Pipeline& pipeline, const BranchSchedules& given,
                               Timestamp at);

}  // namespace gyre::sql
