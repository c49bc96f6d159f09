#pragma once

// What people decide about the queue: shares, priorities and limits of projects, limits of organizations. An
// organization is the part of a project's slug before the last '/': "gh/acme", or "git" for plain remotes.

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace gyre {

inline constexpr int most_weight = 1000;
inline constexpr int most_priority = 1000;  // and -1000 the least
inline constexpr int most_tasks_limit = 1'000'000;

struct QueueRule {
    int weight = 1;                 // of projects that want more than there is, each gets machines in this proportion
    int priority = 0;               // the higher goes first, whatever the shares
    std::optional<int> most_tasks;  // that run at a time; 0: nothing starts
    bool operator==(const QueueRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(QueueRule, (), (weight, priority, most_tasks))

struct ProjectRule {
    std::string slug;
    QueueRule rule;
    bool operator==(const ProjectRule&) const = default;
};

struct QueueRules {
    std::map<ProjectId, ProjectRule> projects;         // those that have a rule
    std::map<std::string, int> organizations;          // the most tasks of those that have a limit
    std::map<ProjectId, std::string> organization_of;  // all projects, where any organization has a limit
    bool operator==(const QueueRules&) const = default;
};

inline std::string organization_of_slug(std::string_view slug) { return std::string(slug.substr(0, slug.rfind('/'))); }

}  // namespace gyre
