#include <algorithm>
#include <charconv>
#include <optional>

#include "api/places.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "model/resource_usage.h"

// What the attempts of a job used of their machines.

namespace gyre::api {
namespace {

constexpr std::int64_t largest_index = 1'000'000;
constexpr int full_page = 50;  // of up to 64 kB each

// Nothing more comes of an attempt that is over.
bool is_over(const WorkflowJob& job, const ToldUsage& told) {
    for (const auto& task : job.tasks) {
        if (task.index != told.task) continue;
        for (const auto& attempt : task.attempts) {
            if (attempt.number == told.attempt) return attempt.state == AttemptState::finished;
        }
    }
    return true;
}

// One that a later version told, or that is damaged, hides no other.
json::object usage_view(const WorkflowJob& job, const ToldUsage& told) {
    json::object view{{"task", told.task},
                      {"attempt", told.attempt},
                      {"complete", is_over(job, told)},
                      {"cpu_share", nullptr},
                      {"usage", nullptr}};
    const auto usage = read_usage(told.body);
    if (!usage) {
        view["error"] = "it cannot be read: " + usage.error().message;
        return view;
    }
    if (const auto share = cpu_share(*usage)) view["cpu_share"] = *share;
    view["usage"] = to_json(*usage);
    return view;
}

// "3.1": behind attempt 1 at task 3.
Result<void> begin_behind(const std::string& token, UsageQuery& query) {
    int numbers[2] = {0, 0};
    const char* const end = token.data() + token.size();
    const auto task = std::from_chars(token.data(), end, numbers[0]);
    const bool goes_on = task.ec == std::errc() && task.ptr != end && *task.ptr == '.';
    const auto attempt = goes_on ? std::from_chars(task.ptr + 1, end, numbers[1]) : task;
    if (!goes_on || attempt.ec != std::errc() || attempt.ptr != end || numbers[0] < 0 || numbers[1] < 0)
        return invalid("'page-token' is not one that this server gave");
    query.after_task = numbers[0];
    query.after_attempt = numbers[1];
    return {};
}

std::optional<int> given(std::int64_t number, std::int64_t none) {
    return number == none ? std::nullopt : std::optional(static_cast<int>(number));
}

// Who asks for what the job has not shall not take it for what was not counted.
Result<void> check_is_there(const WorkflowJob& job, const UsageQuery& query) {
    std::size_t attempts = 0;
    bool known = !query.task;
    for (const auto& task : job.tasks) {
        if (query.task.value_or(task.index) != task.index) continue;
        known = true;
        attempts = std::max(attempts, task.attempts.size());
    }
    const std::string of = query.task ? "task " + std::to_string(*query.task) : "no task of the job";
    if (!known) return not_found("The job has no " + of + ": it has " + std::to_string(job.tasks.size()) + ", from 0.");
    if (query.attempt.value_or(0) <= static_cast<int>(attempts)) return {};
    return not_found((query.task ? "T" + of.substr(1) + " has no" : "N" + of.substr(1) + " has an") + " attempt " +
                     std::to_string(*query.attempt) + ": there are " + std::to_string(attempts) + ", from 1.");
}

// GET .../job/<n>/usage?task=N&attempt=N
Answer get_usage(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto task, request.query_number("task", -1, 0, largest_index));
    GYRE_TRY_ASSIGN(const auto attempt, request.query_number("attempt", 0, 1, largest_index));
    UsageQuery query{.job = scene.job().id, .task = given(task, -1), .attempt = given(attempt, 0)};
    GYRE_TRY(check_is_there(scene.job(), query));
    if (const auto token = request.query_value("page-token")) GYRE_TRY(begin_behind(*token, query));
    query.limit = full_page + 1;
    GYRE_TRY_ASSIGN(auto found, desk.ports.records.usages(query));
    const bool more = std::ssize(found) > full_page;
    if (more) found.resize(full_page);
    json::array items;
    for (const auto& told : found) items.push_back(usage_view(scene.job(), told));
    const auto next = more ? std::to_string(found.back().task) + "." + std::to_string(found.back().attempt) : "";
    return httpd::json_answer(page_of(std::move(items), next));
}

}  // namespace

void add_usage_routes(Desk& desk, httpd::Router& router) {
    desk.get_much_of_project(router, "/api/v2/gyre/project", "/job/:n/usage", get_usage);
}

}  // namespace gyre::api
