#pragma once

// The pipelines whose jobs were handed out last, with their plans: each job of a plan is handed out by itself, and
// reading a plan of thousands of jobs takes longer than all else. What a pipeline was made of never changes, but for
// its plan, which grows once when it is continued. Thread-safe.

#include <cstddef>
#include <deque>
#include <memory>

#include "base/guarded.h"
#include "ports/workflow_store.h"

namespace gyre::gateway {

class RecentPipelines {
public:
    explicit RecentPipelines(WorkflowStore& workflows) : workflows_(workflows) {}

    // With at least so many jobs in its plan if the store has them. Of its state and errors nothing is to be believed.
    // Errors: the store's.
    Result<std::shared_ptr<const Pipeline>> find(const PipelineId& id, std::size_t jobs);

private:
    WorkflowStore& workflows_;
    Guarded<std::deque<std::shared_ptr<const Pipeline>>> recent_;  // the last read first
};

}  // namespace gyre::gateway
