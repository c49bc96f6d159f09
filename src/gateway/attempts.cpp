#include "gateway/attempts.h"

namespace gyre::gateway {

Result<StoredAttempt> load_attempt(WorkflowStore& workflows, const AttemptRef& ref) {
    GYRE_TRY_ASSIGN(const auto workflow_id, workflows.workflow_of(ref.job));
    GYRE_TRY_ASSIGN(const auto workflow, workflows.load(workflow_id));
    for (const auto& job : workflow.jobs) {
        if (job.id != ref.job || static_cast<std::size_t>(ref.task) >= job.tasks.size()) continue;
        for (const auto& attempt : job.tasks[static_cast<std::size_t>(ref.task)].attempts) {
            if (attempt.number == ref.attempt) return StoredAttempt{workflow.project, workflow.id, attempt};
        }
    }
    return not_found("there is no attempt " + ref.id().text);
}

}  // namespace gyre::gateway
