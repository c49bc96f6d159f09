#include "api/places.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "model/resource_usage.h"

// What the attempts of a job used of their machines.

namespace gyre::api {
namespace {

constexpr std::int64_t largest_index = 1'000'000;
constexpr std::size_t full_page = 50;  // of up to 64 kB each

// One that a later version told, or that is damaged, hides no other.
json::object usage_view(const ToldUsage& told) {
    json::object view{{"task", told.task}, {"attempt", told.attempt}, {"cpu_share", nullptr}, {"usage", nullptr}};
    const auto usage = read_usage(told.body);
    if (!usage) {
        view["error"] = "it cannot be read: " + usage.error().message;
        return view;
    }
    if (const auto share = cpu_share(*usage)) view["cpu_share"] = *share;
    view["usage"] = to_json(*usage);
    return view;
}

// GET .../job/<n>/usage?task=N&attempt=N, in pages of whole tasks; a page's token is the task that it begins with.
Answer get_usage(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto task, request.query_number("task", -1, 0, largest_index));
    GYRE_TRY_ASSIGN(const auto attempt, request.query_number("attempt", 0, 1, largest_index));
    GYRE_TRY_ASSIGN(const auto first, request.query_number("page-token", 0, 0, largest_index));
    GYRE_TRY_ASSIGN(const auto all, desk.ports.records.usages(scene.job().id));
    json::array items;
    std::int64_t last = first;
    for (const auto& told : all) {
        if (told.task < first || (task >= 0 && told.task != task) || (attempt > 0 && told.attempt != attempt)) continue;
        if (items.size() >= full_page && told.task != last)
            return httpd::json_answer(page_of(std::move(items), std::to_string(told.task)));
        items.push_back(usage_view(told));
        last = told.task;
    }
    return httpd::json_answer(page_of(std::move(items)));
}

}  // namespace

void add_usage_routes(Desk& desk, httpd::Router& router) {
    desk.get_much_of_project(router, "/api/v2/gyre/project", "/job/:n/usage", get_usage);
}

}  // namespace gyre::api
