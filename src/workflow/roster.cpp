#include "workflow/roster.h"

namespace gyre::workflow {

Roster::Roster(const Workflow& workflow) : dependants_(workflow.jobs) {
    for (std::size_t position = 0; position < workflow.jobs.size(); ++position) {
        const auto& job = workflow.jobs[position];
        positions_.emplace(job.id, position);
        statuses_.push_back(job.status);
        tally_.add(job.status);
        if (!job.serial_group.empty()) in_serial_groups_.push_back(position);
    }
}

std::optional<std::size_t> Roster::find(const JobId& job) const {
    const auto found = positions_.find(job);
    return found == positions_.end() ? std::nullopt : std::optional(found->second);
}

void Roster::note(std::size_t position, JobStatus status) {
    tally_.add(statuses_[position], -1);
    tally_.add(status);
    statuses_[position] = status;
}

}  // namespace gyre::workflow
