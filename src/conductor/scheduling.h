#pragma once

// What pipelines have to do with schedules: the config of a branch's newest pipeline says which workflows run from time
// to time, and a tick makes a pipeline for one of them.

#include <optional>

#include "model/pipeline.h"
#include "ports/schedule_store.h"

namespace gyre::conductor {

// What the pipeline's branch has from now on. Nothing when the pipeline does not decide it: one of a tag or of
// `gyre run`, one whose setup workflow has not handed over a config yet, one that is skipped, or one whose config does
// not compile, for mistakes do not take schedules away.
std::optional<BranchSchedules> schedules_of(const Pipeline& pipeline);

// For a pipeline that a tick made: of the plan's workflows the schedule's alone remains. It may be none, when the
// branch's head has no such schedule any more or the workflow's condition does not hold; this is no error, and the
// pipeline's note says it. A setup workflow remains as it is, for what it hands over has the schedule.
void keep_scheduled(Pipeline& pipeline, Plan& plan);

}  // namespace gyre::conductor
