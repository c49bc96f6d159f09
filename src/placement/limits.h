#pragma once

// Who runs as many tasks as it may: projects, and organizations over all their projects. What runs only grows while a
// plan is made, so a limit that is reached once stays reached for the rest of it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/queue_rules.h"
#include "placement/needs.h"
#include "placement/reason.h"

namespace gyre::placement {

class Limits {
public:
    // The rules must outlive this object.
    Limits(const QueueRules& rules, const std::vector<RunningTask>& running);

    // The limit that keeps a task of this project from starting: of the project, else of its organization.
    std::optional<LimitReached> reached(const ProjectId& project) const;
    void started(const ProjectId& project);  // one more of its tasks

private:
    const QueueRules& rules_;
    std::map<ProjectId, int> of_project_;
    std::map<std::string, int> of_organization_;
};

}  // namespace gyre::placement
