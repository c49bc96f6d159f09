#pragma once

// The workflow's graph read forwards: which jobs require a given job. `requires_` is stored backwards; this is its
// inverse, made in O(jobs + requirements) once for an event that ends a job. Positions are those of Workflow::jobs.

#include <cstddef>
#include <span>
#include <vector>

#include "model/workflow.h"

namespace gyre::workflow {

class Dependants {
public:
    explicit Dependants(const std::vector<WorkflowJob>& jobs);

    std::span<const std::size_t> of(std::size_t position) const;

private:
    std::vector<std::size_t> begin_;  // of(p) is targets_[begin_[p] .. begin_[p + 1])
    std::vector<std::size_t> targets_;
};

// Positions, each behind those it requires; jobs in and behind a cycle are missing.
std::vector<std::size_t> in_order(const std::vector<WorkflowJob>& jobs);

// True when no job requires itself, directly or through others.
bool is_acyclic(const std::vector<WorkflowJob>& jobs);

}  // namespace gyre::workflow
