#include "adapters/memory/queue_rules.h"

#include <algorithm>

namespace gyre::memory {

Result<QueueRules> MemoryQueueRules::rules() {
    return trouble_.around("queue_rules.rules", [&]() -> Result<QueueRules> {
        auto state = state_.lock();
        QueueRules rules = state->queue_rules;
        if (rules.organizations.empty()) return rules;
        for (const auto& project : state->projects)
            rules.organization_of.emplace(project.id, organization_of_slug(project.slug));
        return rules;
    });
}

Result<void> MemoryQueueRules::set_project(const ProjectId& project, const QueueRule& rule) {
    return trouble_.around("queue_rules.set_project", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto known = std::ranges::find(state->projects, project, &Project::id);
        if (known == state->projects.end()) return not_found("there is no project " + project.text);
        state->queue_rules.projects[project] = {known->slug, rule};
        return {};
    });
}

Result<void> MemoryQueueRules::set_organization(const std::string& organization, std::optional<int> most_tasks) {
    return trouble_.around("queue_rules.set_organization", [&]() -> Result<void> {
        auto state = state_.lock();
        if (most_tasks) {
            state->queue_rules.organizations[organization] = *most_tasks;
        } else {
            state->queue_rules.organizations.erase(organization);
        }
        return {};
    });
}

Result<int> MemoryQueueRules::promote(const JobId& job, const std::string& by, Timestamp at) {
    return trouble_.around("queue_rules.promote", [&]() -> Result<int> {
        auto state = state_.lock();
        const auto* known = state->find_job(job);
        if (!known) return 0;
        const auto queued = std::ranges::count(known->tasks, TaskStatus::queued, &Task::status);
        if (queued > 0) state->promotions[job] = {at, by};
        return static_cast<int>(queued);
    });
}

}  // namespace gyre::memory
