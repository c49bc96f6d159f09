#include "gateway/attempts.h"

#include "model/attempt_name.h"

namespace gyre::gateway {

Result<StoredAttempt> load_attempt(WorkflowStore& workflows, const AttemptRef& ref) {
    GYRE_TRY_ASSIGN(const auto workflow, workflows.load_job(ref.job));
    if (const auto* attempt = find_attempt(workflow, ref))
        return StoredAttempt{workflow.project, workflow.id, *attempt};
    return not_found("there is no attempt " + ref.id().text);
}

}  // namespace gyre::gateway
