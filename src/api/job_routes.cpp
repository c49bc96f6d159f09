#include "api/job_facts.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/views/job_view.h"
#include "api/views/text.h"
#include "model/waits.h"

namespace gyre::api {

Result<std::vector<StepRecord>> steps_now(Desk& desk, const AttemptRef& attempt) {
    GYRE_TRY_ASSIGN(auto steps, desk.ports.records.steps(attempt));
    for (auto& step : steps) {
        if (step.status != StepStatus::running) continue;
        GYRE_TRY_ASSIGN(step.output_bytes, desk.ports.outputs.length({attempt, step.index}));
    }
    return steps;
}

std::string why_waits(Desk& desk, const Workflow& workflow, const WorkflowJob& job) {
    if (is_terminal(job.status)) return {};
    if (const auto wait = explain_wait(workflow, job)) return explain(*wait);
    return desk.ports.wait_reasons.why(job.id);
}

namespace {

Answer get_job(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    return httpd::json_answer(job_view(scene, why_waits(desk, scene.workflow, scene.job()), desk.base_url(request)));
}

Answer cancel_job(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    if (is_terminal(scene.job().status)) {
        const std::string status(name_of(scene.job().status));
        return httpd::json_answer(
            json::object{{"message", "The job had ended already: " + status + "."}, {"ended_as", status}});
    }
    GYRE_TRY(desk.ports.front_door.handle(CancelAsked{scene.job().id, request.caller}));
    return httpd::message_answer(200, "Job canceled.");
}

Answer get_artifacts(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto artifacts, desk.ports.records.artifacts(scene.job().id));
    json::array items;
    for (const auto& artifact : artifacts) {
        items.push_back(artifact_view(artifact, artifact_url(desk.base_url(request), scene.job().id, artifact)));
    }
    return httpd::json_answer(page_of(std::move(items)));
}

Answer get_tests(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto tests, desk.ports.records.tests(scene.job().id));
    json::array items;
    for (const auto& test : tests) items.push_back(test_view(test));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer get_tasks(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    const auto steps_of = [&](const AttemptRef& attempt) { return steps_now(desk, attempt); };
    GYRE_TRY_ASSIGN(auto view, tasks_view(scene.job(), why_waits(desk, scene.workflow, scene.job()), steps_of));
    return httpd::json_answer(view);
}

}  // namespace

void add_job_routes(Desk& desk, httpd::Router& router) {
    desk.get_of_project(router, "/api/v2/project", "/job/:n", get_job);
    desk.post_of_project(router, "/api/v2/project", "/job/:n/cancel", cancel_job);
    desk.get_much_of_project(router, "/api/v2/project", "/:n/artifacts", get_artifacts);
    desk.get_much_of_project(router, "/api/v2/project", "/:n/tests", get_tests);
    desk.get_of_project(router, "/api/v2/gyre/project", "/job/:n/tasks", get_tasks);
}

}  // namespace gyre::api
