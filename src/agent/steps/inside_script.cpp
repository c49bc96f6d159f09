#include "agent/steps/inside_script.h"

#include <chrono>

#include "agent/watch.h"

namespace gyre::agent {

Result<int> run_inside(InsideScript script, Job& job, StepOutput& output) {
    wire::SpawnRequest request;
    request.argv = {"/bin/sh", "-e"};
    request.script = std::move(script.script);
    request.working_directory = std::move(script.directory);
    request.make_directory = false;
    request.environment = std::move(script.environment);
    GYRE_TRY_ASSIGN(StandardFds fds, output.open_pipe());
    GYRE_TRY_ASSIGN(const std::int64_t id, job.supervisor.spawn(std::move(request), std::move(fds)));
    const WatchEnd end = watch(job, id, &output, std::chrono::milliseconds(0));
    const auto* ended = std::get_if<ProcessEnd>(&end);
    if (!ended) return unavailable("the job is stopping: " + job.control.why());
    if (const auto* exited = std::get_if<ExitedWith>(ended)) return exited->code;
    if (const auto* killed = std::get_if<KilledBy>(ended)) return 128 + killed->signal;
    if (const auto* gone = std::get_if<BoxGone>(ended))
        return unavailable("the job's environment is gone: " + gone->reason);
    return no_shell;
}

}  // namespace gyre::agent
