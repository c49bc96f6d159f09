#include <fmt/format.h>
#include <string.h>

#include <chrono>

#include "agent/inside_paths.h"
#include "agent/steps/deploy_turn.h"
#include "agent/steps/steps.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

using std::chrono::milliseconds;

std::string span_text(std::int64_t ms) {
    const std::int64_t seconds = ms / 1000;
    if (ms < 60'000) return fmt::format("{}s", static_cast<double>(ms) / 1000);
    if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
    return fmt::format("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string in_one_line(const RunStep& step) {
    std::string name = step.name.substr(0, step.name.find('\n'));
    if (name.size() > 80) name = name.substr(0, 77) + "...";
    return "step '" + name + "'";
}

Result<std::vector<std::string>> shell_for(const RunStep& step, const Job& job) {
    const std::string& shell = !step.shell.empty() ? step.shell : job.assignment.job.shell;
    if (!shell.empty()) return shell_words(shell);
    // Without bash there is no telling whether sh knows pipefail; dash does not.
    if (!job.supervisor.inside().has_bash) return std::vector<std::string>{"/bin/sh", "-e"};
    return std::vector<std::string>{"/bin/bash", "-eo", "pipefail"};
}

Result<std::int64_t> start(const RunStep& step, Job& job, StepOutput& output) {
    wire::SpawnRequest request;
    GYRE_TRY_ASSIGN(request.argv, shell_for(step, job));
    request.script = step.command.empty() ? "\n" : step.command;
    request.environment = job.environment;
    request.environment.insert(request.environment.end(), step.environment.begin(), step.environment.end());
    request.working_directory = job.path(step.working_directory);
    GYRE_TRY_ASSIGN(StandardFds fds, output.open_pipe());
    return job.supervisor.spawn(std::move(request), std::move(fds));
}

struct Describe {
    const RunStep& step;
    StepOutput& output;

    StepEnd operator()(const ExitedWith& exit) const {
        StepEnd end;
        end.exit_code = exit.code;
        end.halted = exit.halted;
        if (exit.code == 0) return end;
        output.say(fmt::format("\nExited with code exit status {}", exit.code));
        end.status = StepStatus::failed;
        end.reason = fmt::format("{} exited with code {}", in_one_line(step), exit.code);
        return end;
    }
    StepEnd operator()(const KilledBy& killed) const {
        const char* name = ::sigdescr_np(killed.signal);
        const std::string text = fmt::format("was killed by signal {} ({})", killed.signal, name ? name : "unknown");
        output.say("\nThe command " + text);
        StepEnd end = StepEnd::failed(in_one_line(step) + ' ' + text);
        end.exit_code = 128 + killed.signal;
        return end;
    }
    StepEnd operator()(const NeverStarted& never) const {
        output.say("The command could not be started: " + never.reason);
        return StepEnd::failed(in_one_line(step) + " could not be started: " + never.reason);
    }
    StepEnd operator()(const BoxGone& gone) const {
        output.say("\nThe job's environment is gone: " + gone.reason);
        StepEnd end;
        end.status = StepStatus::infrastructure_fail;
        end.reason = "the job's environment is gone: " + gone.reason;
        return end;
    }
    StepEnd operator()(Interrupted) const {
        const std::string limit = span_text(step.no_output_timeout_ms);
        StepEnd end;
        end.status = StepStatus::timedout;
        end.reason = fmt::format("{} printed nothing for {} (no_output_timeout)", in_one_line(step), limit);
        output.say(fmt::format("\nToo long with no output (exceeded {})", limit));
        return end;
    }
};

StepEnd run_once(const RunStep& step, Job& job, const Output& output) {
    const auto id = start(step, job, *output);
    if (!id) return failed_by(id.error(), job, *output);
    if (step.background) {
        StepEnd going_on;
        going_on.background_process = *id;
        return going_on;
    }
    const WatchEnd end = watch(job, *id, output.get(), milliseconds(step.no_output_timeout_ms));
    if (std::holds_alternative<Interrupted>(end)) {
        if (std::get<Interrupted>(end) == Interrupted::stopping) return interrupted(job);
        return Describe{step, *output}(std::get<Interrupted>(end));
    }
    return std::visit(Describe{step, *output}, std::get<ProcessEnd>(end));
}

}  // namespace

StepEnd carry_out(const RunStep& step, Job& job, const Output& output) {
    if (step.deploy) {
        if (auto end = wait_for_deploy_turn(job, *output)) return *end;
    }
    for (int rerun = 0;; ++rerun) {
        StepEnd end = run_once(step, job, output);
        if (end.status != StepStatus::failed || rerun >= step.max_auto_reruns || end.halted) return end;
        output->say(fmt::format("\nRunning it again ({} of {})", rerun + 1, step.max_auto_reruns));
        if (!sleep_unless(job.control.stop_event(), milliseconds(step.auto_rerun_delay_ms))) return interrupted(job);
    }
}

}  // namespace gyre::agent
