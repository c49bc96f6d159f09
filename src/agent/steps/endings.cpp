#include <fmt/format.h>

#include "agent/steps/steps.h"

namespace gyre::agent {

StepStatus status_of(StopReason reason) {
    switch (reason) {
        case StopReason::time_is_up:
            return StepStatus::timedout;
        case StopReason::over_disk:
            return StepStatus::failed;
        case StopReason::none:
        case StopReason::canceled:
        case StopReason::lease_lost:
        case StopReason::fenced:
            break;
    }
    return StepStatus::canceled;
}

StepEnd interrupted(const Job& job) {
    StepEnd end;
    end.status = status_of(job.control.reason());
    end.reason = job.control.why();
    return end;
}

StepEnd failed_by(const Error& error, const Job& job, StepOutput& output) {
    if (job.control.is_stopping()) return interrupted(job);
    output.say(error.message);
    StepEnd end = StepEnd::failed(error.message);
    if (error.fault == Fault::unavailable || error.fault == Fault::corrupt)
        end.status = StepStatus::infrastructure_fail;
    return end;
}

StepEnd shrugged_off(const Error& error, const Job& job, StepOutput& output) {
    if (job.control.is_stopping() || error.fault == Fault::unavailable) return failed_by(error, job, output);
    output.say("Warning: " + error.message);
    output.say("The job goes on without it.");
    return {};
}

std::string size_text(std::int64_t bytes) {
    const auto size = static_cast<double>(bytes);
    if (bytes < 1 << 10) return fmt::format("{} bytes", bytes);
    if (bytes < 1 << 20) return fmt::format("{:.1f} kB", size / (1 << 10));
    if (bytes < 1 << 30) return fmt::format("{:.1f} MB", size / (1 << 20));
    return fmt::format("{:.1f} GB", size / (1 << 30));
}

}  // namespace gyre::agent
