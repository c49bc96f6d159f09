#include "adapters/sql/queue_rules.h"

namespace gyre::sql {
namespace {

constexpr std::string_view shares =
    "SELECT projects.id, projects.slug, project_shares.weight, project_shares.priority, project_shares.most_tasks"
    " FROM project_shares JOIN projects ON projects.id = project_shares.project_id";
constexpr std::string_view limits = "SELECT organization, most_tasks FROM organization_limits";
constexpr std::string_view slugs = "SELECT id, slug FROM projects";
constexpr std::string_view is_project = "SELECT 1 FROM projects WHERE id = ?";
constexpr std::string_view put_share =
    "INSERT INTO project_shares (project_id, weight, priority, most_tasks) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (project_id) DO UPDATE SET weight = excluded.weight, priority = excluded.priority,"
    " most_tasks = excluded.most_tasks";
constexpr std::string_view put_limit =
    "INSERT INTO organization_limits (organization, most_tasks) VALUES (?, ?)"
    " ON CONFLICT (organization) DO UPDATE SET most_tasks = excluded.most_tasks";
constexpr std::string_view drop_limit = "DELETE FROM organization_limits WHERE organization = ?";
constexpr std::string_view promote_tasks = "UPDATE queue SET promoted_at = ?, promoted_by = ? WHERE job_id = ?";
constexpr std::string_view note_promotion =
    "INSERT INTO promotions (job_id, promoted_at, promoted_by) VALUES (?, ?, ?)"
    " ON CONFLICT (job_id, promoted_at) DO NOTHING";

}  // namespace

Result<QueueRules> SqlQueueRules::rules() {
    return connections_.read([&](Database& database) -> Result<QueueRules> {
        QueueRules rules;
        const auto read_share = [&](const Row& row) -> Result<void> {
            ProjectId id;
            ProjectRule project;
            GYRE_TRY(row.into(id, project.slug, project.rule.weight, project.rule.priority, project.rule.most_tasks));
            rules.projects.emplace(std::move(id), std::move(project));
            return {};
        };
        const auto read_limit = [&](const Row& row) -> Result<void> {
            std::string organization;
            int most = 0;
            GYRE_TRY(row.into(organization, most));
            rules.organizations.emplace(std::move(organization), most);
            return {};
        };
        const auto read_slug = [&](const Row& row) -> Result<void> {
            ProjectId id;
            std::string slug;
            GYRE_TRY(row.into(id, slug));
            rules.organization_of.emplace(std::move(id), organization_of_slug(slug));
            return {};
        };
        GYRE_TRY(database.each(shares, read_share));
        GYRE_TRY(database.each(limits, read_limit));
        if (!rules.organizations.empty()) GYRE_TRY(database.each(slugs, read_slug));
        return rules;
    });
}

Result<void> SqlQueueRules::set_project(const ProjectId& project, const QueueRule& rule) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto known, database.value<int>(is_project, project));
        if (!known) return not_found("there is no project " + project.text);
        GYRE_TRY(database.run(put_share, project, rule.weight, rule.priority, rule.most_tasks));
        return {};
    });
}

Result<void> SqlQueueRules::set_organization(const std::string& organization, std::optional<int> most_tasks) {
    return connections_.write([&](Database& database) -> Result<void> {
        if (most_tasks) {
            GYRE_TRY(database.run(put_limit, organization, *most_tasks));
        } else {
            GYRE_TRY(database.run(drop_limit, organization));
        }
        return {};
    });
}

Result<int> SqlQueueRules::promote(const JobId& job, const std::string& by, Timestamp at) {
    return connections_.write([&](Database& database) -> Result<int> {
        GYRE_TRY_ASSIGN(const auto moved, database.run(promote_tasks, at, by, job));
        if (moved > 0) GYRE_TRY(database.run(note_promotion, job, at, by));
        return static_cast<int>(moved);
    });
}

}  // namespace gyre::sql
