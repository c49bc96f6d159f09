#pragma once

// What people decide about the queue (model/queue_rules.h), stored. Thread-safe. Errors: not_found (unknown project),
// unavailable, corrupt.

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/queue_rules.h"

namespace gyre {

class QueueRuleStore {
public:
    virtual ~QueueRuleStore() = default;
    virtual Result<QueueRules> rules() = 0;
    virtual Result<void> set_project(const ProjectId& project, const QueueRule& rule) = 0;
    // The most tasks that an organization's projects may run together; nothing: as many as there is room for.
    virtual Result<void> set_organization(const std::string& organization, std::optional<int> most_tasks) = 0;
    // Moves the job's queued tasks to the front, and keeps who did it. Answers how many; 0: none is queued.
    virtual Result<int> promote(const JobId& job, const std::string& by, Timestamp at) = 0;
};

}  // namespace gyre
