#include "api/places.h"
#include "api/routes.h"
#include "model/resource_usage.h"

// What the attempts of a job used of their machines.

namespace gyre::api {
namespace {

constexpr std::int64_t largest_index = 1'000'000;

Result<json::object> usage_view(const ToldUsage& told) {
    const auto usage = read_usage(told.body);
    if (!usage) return corrupt("a usage cannot be read: " + usage.error().message);
    const auto share = cpu_share(*usage);
    return json::object{{"task", told.task},
                        {"attempt", told.attempt},
                        {"cpu_share", share ? json::value(*share) : json::value(nullptr)},
                        {"usage", to_json(*usage)}};
}

// GET .../job/<n>/usage?task=N&attempt=N
Answer get_usage(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto task, request.query_number("task", -1, 0, largest_index));
    GYRE_TRY_ASSIGN(const auto attempt, request.query_number("attempt", 0, 1, largest_index));
    GYRE_TRY_ASSIGN(const auto all, desk.ports.records.usages(scene.job().id));
    json::array items;
    for (const auto& told : all) {
        if ((task >= 0 && told.task != task) || (attempt > 0 && told.attempt != attempt)) continue;
        GYRE_TRY_ASSIGN(auto view, usage_view(told));
        items.push_back(std::move(view));
    }
    return httpd::json_answer(json::object{{"items", std::move(items)}});
}

}  // namespace

void add_usage_routes(Desk& desk, httpd::Router& router) {
    desk.get_much_of_project(router, "/api/v2/gyre/project", "/job/:n/usage", get_usage);
}

}  // namespace gyre::api
