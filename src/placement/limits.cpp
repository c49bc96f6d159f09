#include "placement/limits.h"

namespace gyre::placement {
namespace {

template <typename Counts, typename Key>
int count_of(const Counts& counts, const Key& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
}

}  // namespace

Limits::Limits(const QueueRules& rules, const std::vector<RunningTask>& running) : rules_(rules) {
    for (const auto& task : running) started(task.project);
}

std::optional<LimitReached> Limits::reached(const ProjectId& project) const {
    if (const auto own = rules_.projects.find(project); own != rules_.projects.end() && own->second.rule.most_tasks) {
        const int running = count_of(of_project_, project);
        const int most = *own->second.rule.most_tasks;
        if (running >= most) return LimitReached{"project", own->second.slug, most, running};
    }
    const auto organization = rules_.organization_of.find(project);
    if (organization == rules_.organization_of.end()) return std::nullopt;
    const auto most = rules_.organizations.find(organization->second);
    if (most == rules_.organizations.end()) return std::nullopt;
    const int running = count_of(of_organization_, organization->second);
    if (running < most->second) return std::nullopt;
    return LimitReached{"organization", organization->second, most->second, running};
}

void Limits::started(const ProjectId& project) {
    ++of_project_[project];
    const auto organization = rules_.organization_of.find(project);
    if (organization != rules_.organization_of.end()) ++of_organization_[organization->second];
}

}  // namespace gyre::placement
