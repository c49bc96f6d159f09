#include "agent/steps/deploy_turn.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

constexpr std::int64_t longest_alone_ms = 10 * 60'000;
constexpr std::int64_t longest_silence_ms = 60'000;  // of a server that places tasks

std::int64_t now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::floor<std::chrono::milliseconds>(now).count();
}

std::string names_of(const std::vector<int>& tasks) {
    return fmt::format("{} {}", tasks.size() == 1 ? "copy" : "copies", fmt::join(tasks, ", "));
}

StepEnd not_run(const wire::OtherTasks& others, StepOutput& output) {
    output.say(fmt::format("Not run: {} of this job did not end well.", names_of(others.failed)));
    StepEnd end;
    end.status = StepStatus::skipped;
    return end;
}

// Ours: in the next attempt the first copy comes last again, behind those that were tried again.
StepEnd got_stuck(StepOutput& output) {
    StepEnd end;
    end.status = StepStatus::infrastructure_fail;
    end.reason =
        "the other copies of the job had no machine for ten minutes, while this one waited for them and kept its own";
    output.say(end.reason);
    return end;
}

}  // namespace

DeployTurn::Says DeployTurn::hear(const wire::OtherTasks& others, std::int64_t now_ms) {
    const bool was_silent = last_heard_ && now_ms - *last_heard_ > longest_silence_ms;
    last_heard_ = now_ms;
    if (!others.failed.empty()) return Says::skip;
    if (others.queued == 0 && others.running == 0) return Says::run;
    if (others.running > 0) {
        alone_since_.reset();
        return Says::wait;
    }
    if (!alone_since_ || was_silent) alone_since_ = now_ms;
    return now_ms - *alone_since_ >= longest_alone_ms ? Says::stuck : Says::wait;
}

std::optional<StepEnd> wait_for_deploy_turn(Job& job, StepOutput& output) {
    if (job.assignment.task_total <= 1) return std::nullopt;
    if (job.assignment.replay) {
        output.say("Run without the other copies of the job, which are not here.");
        return std::nullopt;
    }
    DeployTurn turn;
    BackOff back_off;
    for (bool is_first = true;; is_first = false) {
        const auto others = keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.other_tasks(); });
        if (!others && others.error().fault == Fault::not_found) {  // a server of the version before
            output.say("Run without waiting for the other copies of the job: this server cannot tell how they stand.");
            return std::nullopt;
        }
        if (!others) return failed_by(others.error(), job, output);
        switch (turn.hear(*others, now_ms())) {
            case DeployTurn::Says::run:
                return std::nullopt;
            case DeployTurn::Says::skip:
                return not_run(*others, output);
            case DeployTurn::Says::stuck:
                return got_stuck(output);
            case DeployTurn::Says::wait:
                break;
        }
        if (is_first)
            output.say(fmt::format("Waits until the other copies of this job have ended well: {} of {} have not ended.",
                                   others->queued + others->running, job.assignment.task_total - 1));
        if (!sleep_unless(job.control.stop_event(), back_off.next(false))) return interrupted(job);
    }
}

}  // namespace gyre::agent
