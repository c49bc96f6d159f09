#pragma once

// A `deploy` step runs in the first of a job's tasks alone, and when all the others have ended well
// (circleci.com/docs/configuration-reference: deploy, with parallelism).

#include <chrono>
#include <optional>
#include <string>

#include "agent/job.h"
#include "agent/step_output.h"
#include "wire/other_tasks.h"

namespace gyre::agent {

// What follows from how the others stand. Pure: takes the time as an argument, in ms from any moment on.
class DeployTurn {
public:
    enum class Says { wait, run, skip, stuck };

    // `stuck`: for ten minutes the others have only waited for machines, of which this task may hold the last. Time in
    // which the server said nothing does not count: nobody was given a machine.
    Says hear(const wire::OtherTasks& others, std::int64_t now_ms);

private:
    std::optional<std::int64_t> alone_since_;
    std::optional<std::int64_t> last_heard_;
};

// Blocks until the step may run (nothing) or ends without having run. Says in the output what it waits for.
std::optional<StepEnd> wait_for_deploy_turn(Job& job, StepOutput& output);

}  // namespace gyre::agent
