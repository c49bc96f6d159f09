// Which workflows run from time to time; own extension. What configs say, so there is nothing to change here.

#include <map>

#include "api/routes.h"
#include "api/views/text.h"
#include "model/cron.h"
#include "ports/schedule_store.h"

namespace gyre::api {
namespace {

json::value text_or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::object schedule_view(const StoredSchedule& schedule, const std::string& slug, Timestamp now) {
    json::array crons;
    for (const auto& line : schedule.crons) crons.emplace_back(line);
    return {{"id", schedule_id(schedule)},
            {"project_slug", slug},
            {"branch", schedule.branch},
            {"workflow", schedule.workflow},
            {"crons", std::move(crons)},
            {"next_tick", time_or_null(next_after(read_timetable(schedule.crons), now))},
            {"last_tick", time_or_null(schedule.last_tick)},
            {"last_pipeline_id", text_or_null(schedule.last_pipeline.text)},
            {"missed_tick", time_or_null(schedule.missed_tick)},
            {"missed_why", text_or_null(schedule.missed_why)}};
}

Answer all_schedules(Desk& desk, Request&) {
    GYRE_TRY_ASSIGN(const auto projects, desk.ports.projects.all());
    std::map<ProjectId, std::string> slugs;
    for (const auto& project : projects) slugs[project.id] = project.slug;
    GYRE_TRY_ASSIGN(const auto schedules, desk.ports.schedules.schedules(std::nullopt));
    std::map<std::string, json::array> by_slug;
    const Timestamp now = desk.ports.clock.now();
    for (const auto& one : schedules) {
        const std::string& slug = slugs[one.project];
        by_slug[slug].push_back(schedule_view(one, slug, now));
    }
    json::array items;
    for (auto& [slug, of_project] : by_slug) items.insert(items.end(), of_project.begin(), of_project.end());
    return httpd::json_answer(page_of(std::move(items)));
}

Answer schedules_of_project(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto schedules, desk.ports.schedules.schedules(project.id));
    json::array items;
    for (const auto& one : schedules) items.push_back(schedule_view(one, project.slug, desk.ports.clock.now()));
    return httpd::json_answer(page_of(std::move(items)));
}

}  // namespace

void add_schedule_routes(Desk& desk, httpd::Router& router) {
    desk.get_much(router, "/api/v2/gyre/schedules", all_schedules);
    desk.get_much_of_project(router, "/api/v2/gyre/project", "/schedules", schedules_of_project);
}

}  // namespace gyre::api
