#include "apps/gyre/job_printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

constexpr std::size_t read_size = 256 << 10;  // bytes

std::string prefix_of(const WorkflowJob& job, int task) {
    const std::string name = job.tasks.size() > 1 ? fmt::format("{}[{}]", job.name, task) : job.name;
    return coloured(Colour::grey, fmt::format("{:>12} | ", terminal_line(name)));
}

// A canceled job is over before its agent has ended and told the rest.
bool is_over(const Workflow& workflow) {
    const auto attempts_ended = [](const Task& task) {
        return task.attempts.empty() || task.attempts.back().state == AttemptState::finished;
    };
    return is_terminal(workflow.status) &&
           std::all_of(workflow.jobs.begin(), workflow.jobs.end(), [&](const WorkflowJob& job) {
               return std::all_of(job.tasks.begin(), job.tasks.end(), attempts_ended);
           });
}

std::string duration_of(const WorkflowJob& job) {
    if (!job.started_at || !job.stopped_at) return "-";
    return human_duration((*job.stopped_at - *job.started_at).count());
}

}  // namespace

Result<bool> JobPrinter::look() {
    std::vector<Workflow> now;
    for (const auto& id : ids_) {
        GYRE_TRY_ASSIGN(Workflow workflow, ports_.workflows.load(id));
        now.push_back(std::move(workflow));
    }
    for (const auto& workflow : now) {
        for (const auto& job : workflow.jobs) GYRE_TRY(look_at(job));
    }
    std::fflush(stdout);
    seen_ = std::move(now);
    return std::all_of(seen_.begin(), seen_.end(), is_over);
}

Result<void> JobPrinter::look_at(const WorkflowJob& job) {
    for (const auto& task : job.tasks) {
        for (const auto& attempt : task.attempts)
            GYRE_TRY(look_at(job, AttemptRef{job.id, task.index, attempt.number}));
    }
    return {};
}

Result<void> JobPrinter::look_at(const WorkflowJob& job, const AttemptRef& attempt) {
    const std::string prefix = prefix_of(job, attempt.task);
    GYRE_TRY_ASSIGN(const auto steps, ports_.records.steps(attempt));
    for (const auto& step : steps) {
        StepProgress& progress = steps_[attempt.id().text + "/" + std::to_string(step.index)];
        if (progress.closed) continue;
        const std::string name = terminal_line(step.name.substr(0, step.name.find('\n')));
        if (step.status == StepStatus::skipped && step.output_bytes == 0) {  // others say why they were
            fmt::print("{}{}\n", prefix, coloured(Colour::grey, "-- " + name + ": skipped"));
            progress.closed = true;
            continue;
        }
        if (!progress.opened) fmt::print("{}{}\n", prefix, coloured(Colour::bold, "== " + name));
        progress.opened = true;
        GYRE_TRY(print_output(prefix, {attempt, step.index}, progress));
        const bool over = step.status != StepStatus::running && progress.printed >= step.output_bytes;
        // A later step's lines would stand under this one's header; only a background step goes on beside others.
        if (!over && !step.background) return {};
        if (!over) continue;
        if (!progress.unfinished.empty()) fmt::print("{}{}\n", prefix, progress.unfinished);
        print_end(prefix, step);
        progress.closed = true;
    }
    return {};
}

Result<void> JobPrinter::print_output(const std::string& prefix, const OutputName& name, StepProgress& progress) {
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, ports_.output.read(name, progress.printed, read_size));
        if (bytes.empty()) return {};
        progress.printed += static_cast<std::int64_t>(bytes.size());
        progress.unfinished += bytes;
        const std::string lines = take_marked_lines(prefix, progress.unfinished);
        std::fwrite(lines.data(), 1, lines.size(), stdout);
    }
}

void JobPrinter::print_end(const std::string& prefix, const StepRecord& step) {
    const std::string status(name_of(step.status));
    const std::string code =
        step.exit_code && *step.exit_code != 0 ? fmt::format(", exit code {}", *step.exit_code) : "";
    fmt::print("{}{}\n", prefix,
               coloured(colour_of_status(status),
                        fmt::format("-- {} in {}{}", status, human_duration(step.run_time_ms), code)));
}

bool JobPrinter::summarize(std::int64_t total_ms) const {
    bool success = !seen_.empty();
    std::vector<std::vector<std::string>> rows{{"WORKFLOW", "JOB", "STATUS", "TIME", ""}};
    for (const auto& workflow : seen_) {
        success = success && workflow.status == WorkflowStatus::success;
        for (const auto& job : workflow.jobs) {
            rows.push_back({workflow.name, job.name, std::string(name_of(job.status)), duration_of(job), job.reason});
        }
    }
    fmt::print("\n");
    print_table(rows);
    fmt::print("\n{} in {}\n", coloured(success ? Colour::green : Colour::red, success ? "all green" : "not green"),
               human_duration(total_ms));
    return success;
}

}  // namespace gyre::apps
