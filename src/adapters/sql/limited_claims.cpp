#include "adapters/sql/limited_claims.h"

#include <map>
#include <set>

#include "adapters/sql/queries.h"
#include "model/queue_rules.h"

namespace gyre::sql {
namespace {

constexpr std::string_view all_limits =
    "SELECT 'project', project_id, most_tasks FROM project_shares WHERE most_tasks IS NOT NULL"
    " UNION ALL SELECT 'organization', organization, most_tasks FROM organization_limits";
// A row that two transactions write lets only one of them go on with what it has read.
constexpr std::string_view take_turn_of_project =
    "UPDATE project_shares SET most_tasks = most_tasks WHERE project_id = ?";
constexpr std::string_view take_turn_of_organization =
    "UPDATE organization_limits SET most_tasks = most_tasks WHERE organization = ?";
constexpr std::string_view projects_of =
    "SELECT jobs.id, projects.id, projects.slug FROM jobs JOIN projects ON projects.id = jobs.project_id"
    " WHERE jobs.id = ANY(ARRAY(SELECT json_array_elements_text(?::json)))";
// A task is in one of the two at any moment: what places it takes it from the queue.
const std::string& at_work() {
    static const std::string sql =
        "SELECT projects.id, projects.slug, COUNT(*) FROM (SELECT job_id FROM attempts WHERE state <> 'finished'"
        " UNION ALL SELECT job_id FROM queue WHERE " +
        queries::claimed_by_others() +
        ") AS busy JOIN jobs ON jobs.id = busy.job_id JOIN projects ON projects.id = jobs.project_id"
        " GROUP BY projects.id, projects.slug";
    return sql;
}

struct Limits {
    std::map<std::string, int> of_project;
    std::map<std::string, int> of_organization;
};

struct Scopes {
    std::string project;
    std::string organization;
};

Result<Limits> read_limits(Database& database) {
    Limits limits;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string scope;
        std::string name;
        int most = 0;
        GYRE_TRY(row.into(scope, name, most));
        (scope == "project" ? limits.of_project : limits.of_organization).emplace(std::move(name), most);
        return {};
    };
    GYRE_TRY(database.each(all_limits, read));
    return limits;
}

using ScopesOfJobs = std::map<std::string, Scopes>;

// In one question for all: each that were asked by itself would be time in which another gets in the way.
Result<ScopesOfJobs> scopes_of(Database& database, const std::vector<AttemptRef>& wanted) {
    std::set<std::string> jobs;
    for (const auto& attempt : wanted) jobs.insert(attempt.job.text);
    ScopesOfJobs scopes;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string job;
        std::string slug;
        Scopes of_job;
        GYRE_TRY(row.into(job, of_job.project, slug));
        of_job.organization = organization_of_slug(slug);
        scopes.emplace(std::move(job), std::move(of_job));
        return {};
    };
    GYRE_TRY(database.each(projects_of, read, json::serialize(json::array(jobs.begin(), jobs.end()))));
    return scopes;
}

// What is left of the limit; nothing: there is none.
int* room_in(std::map<std::string, int>& limits, const std::string& name) {
    const auto found = limits.find(name);
    return found == limits.end() ? nullptr : &found->second;
}

// In one order, so that two do not wait for each other.
Result<void> take_turns(Database& database, const Limits& limits, const std::set<std::string>& projects,
                        const std::set<std::string>& organizations) {
    for (const auto& project : projects) {
        if (limits.of_project.contains(project)) GYRE_TRY(database.put(take_turn_of_project, project));
    }
    for (const auto& organization : organizations) {
        if (limits.of_organization.contains(organization))
            GYRE_TRY(database.put(take_turn_of_organization, organization));
    }
    return {};
}

Result<void> take_off_what_is_at_work(Database& database, const std::string& server, Limits& limits) {
    const auto read = [&](const Row& row) -> Result<void> {
        std::string project;
        std::string slug;
        int count = 0;
        GYRE_TRY(row.into(project, slug, count));
        if (int* room = room_in(limits.of_project, project)) *room -= count;
        if (int* room = room_in(limits.of_organization, organization_of_slug(slug))) *room -= count;
        return {};
    };
    return database.each(at_work(), read, server);
}

}  // namespace

Result<std::vector<AttemptRef>> within_limits(Database& database, const std::string& server,
                                              const std::vector<AttemptRef>& wanted) {
    GYRE_TRY_ASSIGN(Limits limits, read_limits(database));
    if (limits.of_project.empty() && limits.of_organization.empty()) return wanted;
    GYRE_TRY_ASSIGN(const ScopesOfJobs scopes, scopes_of(database, wanted));
    std::set<std::string> projects;
    std::set<std::string> organizations;
    for (const auto& [job, of_job] : scopes) {
        projects.insert(of_job.project);
        organizations.insert(of_job.organization);
    }
    GYRE_TRY(take_turns(database, limits, projects, organizations));
    GYRE_TRY(take_off_what_is_at_work(database, server, limits));
    std::vector<AttemptRef> within;
    for (const auto& attempt : wanted) {
        const auto of_job = scopes.find(attempt.job.text);
        if (of_job == scopes.end()) continue;  // there is no such job
        int* of_project = room_in(limits.of_project, of_job->second.project);
        int* of_organization = room_in(limits.of_organization, of_job->second.organization);
        if ((of_project && *of_project <= 0) || (of_organization && *of_organization <= 0)) continue;
        if (of_project) --*of_project;
        if (of_organization) --*of_organization;
        within.push_back(attempt);
    }
    return within;
}

}  // namespace gyre::sql
