#pragma once

// The jobs of a workflow, so that an event need not look at all of them: where each is, what follows it, which have a
// serial group, and how many have which status. Made once by whoever applies many events to a workflow; apply() keeps
// it true. Positions are those of Workflow::jobs.

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/workflow.h"
#include "workflow/graph.h"
#include "workflow/rollup.h"

namespace gyre::workflow {

class Roster {
public:
    explicit Roster(const Workflow& workflow);

    std::optional<std::size_t> find(const JobId& job) const;
    const Dependants& dependants() const { return dependants_; }
    std::span<const std::size_t> in_serial_groups() const { return in_serial_groups_; }  // ascending
    const Tally& tally() const { return tally_; }

    // The job there has this status now.
    void note(std::size_t position, JobStatus status);

private:
    std::unordered_map<JobId, std::size_t> positions_;
    std::vector<JobStatus> statuses_;
    Dependants dependants_;
    std::vector<std::size_t> in_serial_groups_;
    Tally tally_;
};

}  // namespace gyre::workflow
