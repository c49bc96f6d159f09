#include "workflow/serial.h"

#include <algorithm>

namespace gyre::workflow {
namespace {

struct Holder {
    SerialHold hold;
    bool placed = false;  // some task of it was, once
    bool open = false;    // some job has not ended, or an attempt lives
};

bool was_placed(const WorkflowJob& job) {
    return std::ranges::any_of(job.tasks, [](const Task& task) { return !task.attempts.empty(); });
}

bool is_open(const WorkflowJob& job) {
    const auto lives = [](const Task& task) {
        return !task.attempts.empty() && task.attempts.back().state != AttemptState::finished;
    };
    return !is_terminal(job.status) || std::ranges::any_of(job.tasks, lives);
}

bool is_among(const std::vector<SerialHold>& holds, const SerialHold& wanted) {
    return std::ranges::any_of(
        holds, [&](const SerialHold& hold) { return hold.group == wanted.group && hold.holder == wanted.holder; });
}

std::vector<SerialHold> missing_from(const std::vector<SerialHold>& holds, const std::vector<SerialHold>& wanted) {
    std::vector<SerialHold> missing;
    std::ranges::copy_if(wanted, std::back_inserter(missing), [&](const auto& hold) { return !is_among(holds, hold); });
    return missing;
}

}  // namespace

std::string holder_of(const Workflow& workflow, const WorkflowJob& job) {
    return serial_holder(workflow.id, job.id, job.job_group);
}

std::vector<SerialHold> holds_of(const Workflow& workflow) {
    std::vector<std::size_t> in_serial_groups;
    for (std::size_t position = 0; position < workflow.jobs.size(); ++position) {
        if (!workflow.jobs[position].serial_group.empty()) in_serial_groups.push_back(position);
    }
    return holds_of(workflow, in_serial_groups);
}

std::vector<SerialHold> holds_of(const Workflow& workflow, std::span<const std::size_t> in_serial_groups) {
    std::vector<Holder> holders;
    for (const std::size_t position : in_serial_groups) {
        const auto& job = workflow.jobs[position];
        const SerialHold hold{job.serial_group, holder_of(workflow, job), workflow.id, job.id};
        auto known = std::ranges::find_if(holders, [&](const Holder& holder) {
            return holder.hold.group == hold.group && holder.hold.holder == hold.holder;
        });
        if (known == holders.end()) known = holders.insert(holders.end(), {hold});
        if (!known->placed && was_placed(job)) known->hold.job = job.id;
        known->placed = known->placed || was_placed(job);
        known->open = known->open || is_open(job);
    }
    std::vector<SerialHold> holds;
    for (auto& holder : holders) {
        if (holder.placed && holder.open) holds.push_back(std::move(holder.hold));
    }
    return holds;
}

HoldChange hold_change(const std::vector<SerialHold>& before, const std::vector<SerialHold>& after) {
    return {missing_from(before, after), missing_from(after, before)};
}

}  // namespace gyre::workflow
