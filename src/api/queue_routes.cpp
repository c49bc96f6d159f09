#include <charconv>
#include <set>

#include "api/places.h"
#include "api/routes.h"
#include "api/views/text.h"

// What waits, in what order, and what people change about that. Own extensions.

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 100;
constexpr std::int64_t largest_page = 1000;
constexpr int looked_at_once = 500;   // tasks, where the whole queue is walked through
constexpr int most_canceled = 1000;   // jobs of one request; the answer says whether there are more
constexpr int most_walked = 100'000;  // tasks of one request

std::string token_of(const QueuedTask& task) {
    const auto place = place_of(task);
    return std::to_string(to_millis(place.promoted_at)) + "." + std::to_string(to_millis(place.queued_at)) + "." +
           std::to_string(place.position);
}

Result<QueuePlace> place_of_token(const std::string& token) {
    std::int64_t numbers[3] = {0, 0, 0};
    const char* at = token.data();
    const char* const end = at + token.size();
    for (auto& number : numbers) {
        const auto [behind, error] = std::from_chars(at, end, number);
        const bool last = &number == &numbers[2];
        if (error != std::errc() || (last ? behind != end : behind == end || *behind != '.'))
            return invalid("'page-token' is not one that this server gave");
        at = last ? behind : behind + 1;
    }
    return QueuePlace{from_millis(numbers[0]), from_millis(numbers[1]), numbers[2]};
}

json::object view_of(Desk& desk, const QueuedTask& task, const Project& project) {
    const auto wait = desk.ports.queue_view.wait_of(task.next);
    json::object view{{"job_id", task.next.job.text},
                      {"job_number", task.job_number},
                      {"task", task.next.task},
                      {"attempt", task.next.attempt},
                      {"name", task.job_name},
                      {"project_slug", project.slug},
                      {"pipeline_number", task.pipeline_number},
                      {"branch", text_or_null(task.branch)},
                      {"workflow_id", task.workflow.text},
                      {"executor", name_of(task.executor)},
                      {"resource_class", task.resource_class},
                      {"queued_at", to_iso(task.queued_at)},
                      {"ready_at", time_or_null(task.ready_at)},
                      {"promoted_by", text_or_null(task.promoted_by)},
                      {"queue", wait && wait->over_limit ? "usage" : "run"},
                      {"position", nullptr},
                      {"ahead", nullptr},
                      {"reason", wait ? wait->reason : desk.ports.wait_reasons.why(task.next.job)},
                      {"wait", wait ? wait->facts : json::value()}};
    if (wait) {
        if (wait->position > 0) view["position"] = wait->position;
        if (wait->ahead) view["ahead"] = *wait->ahead;
    }
    return view;
}

Answer get_queue(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto limit, request.query_number("limit", usual_page, 1, largest_page));
    QueuePlace place;
    if (const auto token = request.query_value("page-token")) {
        GYRE_TRY_ASSIGN(place, place_of_token(*token));
    }
    GYRE_TRY_ASSIGN(auto queued, desk.ports.queue.queued_after(place, static_cast<int>(limit) + 1));
    const bool more = std::ssize(queued) > limit;
    if (more) queued.pop_back();
    Slugs slugs(desk.ports.projects);
    json::array items;
    for (const auto& task : queued) {
        GYRE_TRY_ASSIGN(const auto project, slugs.of(task.project));
        items.push_back(view_of(desk, task, project));
    }
    auto answer = page_of(std::move(items), more ? token_of(queued.back()) : std::string()).as_object();
    const auto counts = desk.ports.queue_view.counts();
    answer["run_queue"] = counts.run;
    answer["usage_queue"] = counts.usage;
    return httpd::json_answer(answer);
}

Answer promote(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const int moved,
                    desk.ports.queue_rules.promote(scene.job().id, request.caller, desk.ports.clock.now()));
    if (moved == 0)
        return conflict("nothing of the job waits for a machine: it is " + std::string(name_of(scene.job().status)));
    desk.ports.dispatch.ring();
    return httpd::json_answer(json::object{{"promoted", moved}});
}

Result<std::optional<int>> number_member(const json::object& body, std::string_view name, int least, int most) {
    const auto* member = body.if_contains(name);
    if (!member || member->is_null()) return std::optional<int>();
    if (member->is_int64() && member->get_int64() >= least && member->get_int64() <= most)
        return std::optional<int>(static_cast<int>(member->get_int64()));
    return invalid("'" + std::string(name) + "' must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
}

json::object view_of(const QueueRule& rule) {
    json::object view{{"weight", rule.weight}, {"priority", rule.priority}, {"most_tasks", nullptr}};
    if (rule.most_tasks) view["most_tasks"] = *rule.most_tasks;
    return view;
}

Result<QueueRule> stored_rule(Desk& desk, const ProjectId& project) {
    GYRE_TRY_ASSIGN(const auto rules, desk.ports.queue_rules.rules());
    const auto found = rules.projects.find(project);
    return found == rules.projects.end() ? QueueRule{} : found->second.rule;
}

Answer get_share(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto rule, stored_rule(desk, project.id));
    return httpd::json_answer(view_of(rule));
}

// What is not given stays as it is; null lifts the limit.
Answer change_share(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"weight", "priority", "most_tasks"}));
    GYRE_TRY_ASSIGN(auto rule, stored_rule(desk, project.id));
    GYRE_TRY_ASSIGN(const auto weight, number_member(body, "weight", 1, most_weight));
    GYRE_TRY_ASSIGN(const auto priority, number_member(body, "priority", -most_priority, most_priority));
    GYRE_TRY_ASSIGN(const auto most, number_member(body, "most_tasks", 0, most_tasks_limit));
    rule.weight = weight.value_or(rule.weight);
    rule.priority = priority.value_or(rule.priority);
    if (body.contains("most_tasks")) rule.most_tasks = most;
    GYRE_TRY(desk.ports.queue_rules.set_project(project.id, rule));
    desk.ports.dispatch.ring();
    return httpd::json_answer(view_of(rule));
}

Answer get_organizations(Desk& desk, Request&) {
    GYRE_TRY_ASSIGN(const auto rules, desk.ports.queue_rules.rules());
    json::array items;
    for (const auto& [name, most] : rules.organizations)
        items.push_back(json::object{{"organization", name}, {"most_tasks", most}});
    return httpd::json_answer(page_of(std::move(items)));
}

Result<bool> is_organization(Desk& desk, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto projects, desk.ports.projects.all());
    for (const auto& project : projects) {
        if (organization_of_slug(project.slug) == name) return true;
    }
    return false;
}

Answer set_organization(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"organization", "most_tasks"}));
    GYRE_TRY_ASSIGN(const auto name, text_member(body, "organization"));
    if (!body.contains("most_tasks")) return invalid("give 'most_tasks': a number, or null for no limit");
    GYRE_TRY_ASSIGN(const auto most, number_member(body, "most_tasks", 0, most_tasks_limit));
    GYRE_TRY_ASSIGN(const bool known, is_organization(desk, name));
    if (!known) return not_found("no project is of the organization '" + name + "'");
    GYRE_TRY(desk.ports.queue_rules.set_organization(name, most));
    desk.ports.dispatch.ring();
    return httpd::json_answer(body);
}

struct Chosen {
    std::optional<ProjectId> project;
    std::string branch;
    std::string resource_class;
    bool is_everything() const { return !project && branch.empty() && resource_class.empty(); }
    bool takes(const QueuedTask& task) const {
        return (!project || task.project == *project) && (branch.empty() || task.branch == branch) &&
               (resource_class.empty() || task.resource_class == resource_class);
    }
};

struct Found {
    std::vector<JobId> jobs;
    bool more = false;
};

// Jobs of which nothing runs and something waits; each once, in the order of the queue.
Result<Found> waiting_jobs(Desk& desk, const Chosen& chosen) {
    std::set<JobId> known;
    GYRE_TRY_ASSIGN(const auto live, desk.ports.queue.live());
    for (const auto& attempt : live) known.insert(attempt.attempt.job);
    Found found;
    QueuePlace place;
    for (int walked = 0; walked < most_walked; walked += looked_at_once) {
        GYRE_TRY_ASSIGN(const auto tasks, desk.ports.queue.queued_after(place, looked_at_once));
        for (const auto& task : tasks) {
            if (!chosen.takes(task) || !known.insert(task.next.job).second) continue;
            if (std::ssize(found.jobs) == most_canceled) {
                found.more = true;
                return found;
            }
            found.jobs.push_back(task.next.job);
        }
        if (std::ssize(tasks) < looked_at_once) return found;
        place = place_of(tasks.back());
    }
    found.more = true;
    return found;
}

Result<Chosen> chosen_of(Desk& desk, const json::object& body) {
    Chosen chosen;
    GYRE_TRY_ASSIGN(const auto slug, text_member(body, "project_slug"));
    GYRE_TRY_ASSIGN(chosen.branch, text_member(body, "branch"));
    GYRE_TRY_ASSIGN(chosen.resource_class, text_member(body, "resource_class"));
    if (slug.empty()) return chosen;
    GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_slug(slug));
    chosen.project = project.id;
    return chosen;
}

Result<bool> bool_member(const json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (!member || member->is_null()) return false;
    if (member->is_bool()) return member->get_bool();
    return invalid("'" + std::string(name) + "' must be true or false");
}

// {"dry_run": true} counts only. Everything is canceled for those who say so, and not for a script with an empty
// variable.
Answer cancel_queued(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"project_slug", "branch", "resource_class", "dry_run", "all"}));
    GYRE_TRY_ASSIGN(const auto chosen, chosen_of(desk, body));
    GYRE_TRY_ASSIGN(const bool only_counts, bool_member(body, "dry_run"));
    GYRE_TRY_ASSIGN(const bool all, bool_member(body, "all"));
    if (chosen.is_everything() && !all && !only_counts)
        return invalid(
            "every waiting job of every project would be canceled: give 'project_slug', 'branch' or 'resource_class', "
            "or say so with 'all': true");
    GYRE_TRY_ASSIGN(const auto found, waiting_jobs(desk, chosen));
    int canceled = 0;
    for (const auto& job : found.jobs) {
        if (only_counts) break;
        const auto done = desk.ports.front_door.handle(CancelAsked{job, request.caller});
        if (!done && done.error().fault != Fault::conflict && done.error().fault != Fault::not_found)
            return done.error();
        if (done) ++canceled;
    }
    return httpd::json_answer(json::object{{"found", found.jobs.size()}, {"canceled", canceled}, {"more", found.more}});
}

}  // namespace

void add_queue_routes(Desk& desk, httpd::Router& router) {
    desk.get_much(router, "/api/v2/gyre/queue", get_queue);
    desk.post(router, "/api/v2/gyre/queue/cancel", cancel_queued);
    desk.post_of_project(router, "/api/v2/gyre/project", "/job/:n/promote", promote);
    desk.get_of_project(router, "/api/v2/gyre/project", "/share", get_share);
    desk.patch_of_project(router, "/api/v2/gyre/project", "/share", change_share);
    desk.get(router, "/api/v2/gyre/organization-limits", get_organizations);
    desk.post(router, "/api/v2/gyre/organization-limits", set_organization);
}

}  // namespace gyre::api
