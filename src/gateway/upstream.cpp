#include "gateway/upstream.h"

#include <algorithm>
#include <map>
#include <set>

namespace gyre::gateway {
namespace {

const WorkflowJob* find_job(const Workflow& workflow, const JobId& id) {
    const auto found =
        std::find_if(workflow.jobs.begin(), workflow.jobs.end(), [&](const auto& job) { return job.id == id; });
    return found == workflow.jobs.end() ? nullptr : &*found;
}

// Iterative, because a chain of jobs may be as long as the config allows.
std::vector<std::size_t> in_graph_order(const Workflow& workflow, std::size_t of) {
    struct Visit {
        std::size_t job;
        std::size_t next_requirement;
    };
    std::vector<std::size_t> order;
    std::set<std::size_t> seen{of};
    std::vector<Visit> path{{of, 0}};
    while (!path.empty()) {
        auto& visit = path.back();
        const auto& requirements = workflow.jobs[visit.job].requires_;
        if (visit.next_requirement == requirements.size()) {
            if (visit.job != of) order.push_back(visit.job);
            path.pop_back();
            continue;
        }
        const std::size_t required = requirements[visit.next_requirement++];
        if (required < workflow.jobs.size() && seen.insert(required).second) path.push_back({required, 0});
    }
    return order;
}

}  // namespace

Result<std::vector<Upstream>> upstream_jobs(const Workflow& workflow, const JobId& job) {
    const auto* self = find_job(workflow, job);
    if (!self) return not_found("the workflow has no job " + job.text);
    std::vector<Upstream> jobs;
    std::map<std::size_t, int> places;  // of the workflow's jobs in the list
    for (const auto at : in_graph_order(workflow, static_cast<std::size_t>(self - workflow.jobs.data()))) {
        const auto& listed = workflow.jobs[at];
        std::set<int> after;
        for (const auto required : listed.requires_) {
            const auto place = places.find(required);
            if (place == places.end()) continue;
            after.insert(place->second);
            const auto& before = jobs[static_cast<std::size_t>(place->second)].after;
            after.insert(before.begin(), before.end());
        }
        places[at] = static_cast<int>(jobs.size());
        jobs.push_back({listed.kept_from.value_or(listed.id), {after.begin(), after.end()}});
    }
    return jobs;
}

}  // namespace gyre::gateway
