#include "apps/gyre/approvals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

bool acts(const WorkflowJob& job) { return job.status == JobStatus::queued || job.status == JobStatus::running; }

}  // namespace

bool Approvals::is_given(const std::string& name) const {
    return std::any_of(given_.begin(), given_.end(), [&](const auto& one) { return one == "all" || one == name; });
}

Result<void> Approvals::look(const std::vector<WorkflowId>& ids) {
    std::vector<Workflow> waiting;
    bool busy = false;
    for (const auto& id : ids) {
        GYRE_TRY_ASSIGN(Workflow workflow, workflows_.load(id));
        busy = busy || std::any_of(workflow.jobs.begin(), workflow.jobs.end(), acts);
        for (const auto& job : workflow.jobs) {
            if (job.status != JobStatus::on_hold || !is_given(job.name)) continue;
            fmt::print("approved {} (--approve)\n", terminal_line(job.name));
            busy = true;
            GYRE_TRY(door_.handle(ApproveAsked{job.id, by_}));
        }
        waiting.push_back(std::move(workflow));
    }
    if (busy) return {};
    for (const auto& workflow : waiting) {
        for (const auto& job : workflow.jobs) {
            if (job.status == JobStatus::on_hold) GYRE_TRY(decide(workflow, job));
        }
    }
    return {};
}

Result<void> Approvals::decide(const Workflow& workflow, const WorkflowJob& job) {
    if (!ask_) {
        missed_ = true;
        fmt::print(stderr,
                   "gyre: workflow {} waits for the approval '{}': run again with --approve {}, or --approve all\n",
                   workflow.name, job.name, job.name);
        return door_.handle(CancelAsked{job.id, "gyre run: nobody to ask"});
    }
    const auto yes =
        ask_(fmt::format("workflow {} waits for the approval '{}'. Approve it? [y/N] ", workflow.name, job.name));
    if (!yes) return {};
    if (*yes) return door_.handle(ApproveAsked{job.id, by_});
    return door_.handle(CancelAsked{job.id, by_});
}

}  // namespace gyre::apps
