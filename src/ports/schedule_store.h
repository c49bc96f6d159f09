#pragma once

// Which workflows run from time to time on which branches, and how far their ticks have been dealt with. A branch's
// schedules are replaced whole, in the transaction that stores the pipeline whose config has them
// (Commit::schedules in ports/workflow_store.h); here they are read, and their ticks are taken care of.
//
// Several servers look at the same schedules. Who wants to fire a tick claims it first; the claim lapses after a while,
// for its owner may have died. What keeps a tick from making two pipelines in the end is its trigger's id.
// Thread-safe. Durable on return.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/derived_uuid.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/plan.h"

namespace gyre {

struct StoredSchedule {
    ProjectId project;
    std::string branch;
    std::string workflow;
    std::vector<std::string> crons;        // one or more; a minute in which several fire is one tick
    Timestamp settled_until{};             // nothing is to be done for ticks up to here
    std::optional<Timestamp> last_tick;    // the newest that fired
    PipelineId last_pipeline;              // what it made
    std::optional<Timestamp> missed_tick;  // the newest that did not fire
    std::string missed_why;
    bool operator==(const StoredSchedule&) const = default;
};

// For pipeline values and people: the same as long as project, branch and workflow are.
inline std::string schedule_id(const StoredSchedule& schedule) {
    return derived_uuid("schedule:" + schedule.project.text + ":" + schedule.branch + ":" + schedule.workflow);
}

// What a branch has from now on. Those that it had already, with the same lines, stay as they are; ticks of the others
// count from the commit's time on. Left alone when a pipeline with a greater number exists on the branch: it has
// decided, or will.
struct BranchSchedules {
    std::string branch;
    std::vector<PlannedSchedule> schedules;
};

// How far a schedule has come.
struct SettledTicks {
    Timestamp until{};
    std::optional<Timestamp> fired;
    PipelineId pipeline;  // that it made
    std::optional<Timestamp> missed;
    std::string missed_why;
};

inline constexpr Duration schedule_claim_life = std::chrono::minutes{2};

class ScheduleStore {
public:
    virtual ~ScheduleStore() = default;
    // Of one project or of all, by project, branch and workflow.
    virtual Result<std::vector<StoredSchedule>> schedules(const std::optional<ProjectId>& project) = 0;
    // True: the caller is to deal with what is due, and everybody else leaves it alone for schedule_claim_life. False:
    // somebody else is at it, or was; or the schedule is not as it was read any more. A claim that lies further in the
    // future than its life was made before the clock was set back, and does not count; servers' clocks may differ by
    // less.
    virtual Result<bool> claim(const StoredSchedule& as_read, Timestamp now) = 0;
    // Notes how far it has come and ends the claim. Nothing happens when settled_until is not as it was read. `until`
    // may lie before it: the clock was set back.
    virtual Result<void> settle(const StoredSchedule& as_read, const SettledTicks& ticks) = 0;
    virtual Result<void> forget_branch(const ProjectId& project, const std::string& branch) = 0;
};

}  // namespace gyre
