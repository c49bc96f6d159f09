#include "workflow/graph.h"

namespace gyre::workflow {

Dependants::Dependants(const std::vector<WorkflowJob>& jobs) : begin_(jobs.size() + 1, 0) {
    for (const auto& job : jobs) {
        for (const std::size_t required : job.requires_) ++begin_[required + 1];
    }
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    targets_.resize(begin_.back());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t position = 0; position < jobs.size(); ++position) {
        for (const std::size_t required : jobs[position].requires_) targets_[next[required]++] = position;
    }
}

std::span<const std::size_t> Dependants::of(std::size_t position) const {
    return std::span(targets_).subspan(begin_[position], begin_[position + 1] - begin_[position]);
}

std::vector<std::size_t> in_order(const std::vector<WorkflowJob>& jobs) {
    const Dependants dependants(jobs);
    std::vector<std::size_t> missing(jobs.size());
    std::vector<std::size_t> reached;
    for (std::size_t position = 0; position < jobs.size(); ++position) {
        missing[position] = jobs[position].requires_.size();
        if (missing[position] == 0) reached.push_back(position);
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        for (const std::size_t dependant : dependants.of(reached[i])) {
            if (--missing[dependant] == 0) reached.push_back(dependant);
        }
    }
    return reached;
}

bool is_acyclic(const std::vector<WorkflowJob>& jobs) { return in_order(jobs).size() == jobs.size(); }

}  // namespace gyre::workflow
