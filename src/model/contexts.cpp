#include "model/contexts.h"

namespace gyre {

std::vector<std::string> contexts_of(const Plan& plan, const std::string& workflow, const WorkflowJob& job) {
    for (const auto& planned : plan.workflows) {
        if (planned.name != workflow) continue;
        for (const auto& one : planned.jobs) {
            if (one.name == job.name && one.spec == job.spec) return one.contexts;
        }
    }
    return {};
}

}  // namespace gyre
