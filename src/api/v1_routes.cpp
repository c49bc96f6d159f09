#include <algorithm>

#include "api/job_facts.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/views/build_view.h"
#include "api/views/job_view.h"
#include "api/views/text.h"
#include "model/subject_ids.h"

// REST v1.1: lists are bare arrays, a job is a build. Projects on plain remotes are git/<name> here too.

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 30;
constexpr std::int64_t largest_page = 100;
constexpr std::int64_t largest_offset = 1'000'000;
constexpr int searched = 500;    // builds looked at for a filter
constexpr int looked_back = 50;  // builds looked at for the one before

bool passes(const std::string& filter, JobStatus status) {
    if (filter == "completed") return is_terminal(status);
    if (filter == "successful") return status == JobStatus::success;
    if (filter == "failed") return status == JobStatus::failed || status == JobStatus::timedout;
    if (filter == "running") return !is_terminal(status);
    return true;
}

Answer list_builds(Desk& desk, const Request& request, const std::optional<ProjectId>& project,
                   const std::string& branch) {
    GYRE_TRY_ASSIGN(const auto limit, request.query_number("limit", usual_page, 1, largest_page));
    GYRE_TRY_ASSIGN(auto offset, request.query_number("offset", 0, 0, largest_offset));
    const auto filter = request.query_value("filter").value_or("");
    const int wanted = filter.empty() ? static_cast<int>(limit) : searched;
    GYRE_TRY_ASSIGN(const auto places, desk.ports.reads.recent_jobs(project, branch, wanted,
                                                                    static_cast<int>(filter.empty() ? offset : 0)));
    if (filter.empty()) offset = 0;
    json::array builds;
    for (const auto& place : places) {
        GYRE_TRY_ASSIGN(const auto scene, scene_of(desk, place));
        if (!passes(filter, scene.job().status)) continue;
        if (offset-- > 0) continue;
        builds.push_back(build_summary(scene, desk.base_url(request)));
        if (builds.size() == static_cast<std::size_t>(limit)) break;
    }
    return httpd::json_answer(builds);
}

Answer recent_builds(Desk& desk, Request& request) { return list_builds(desk, request, std::nullopt, ""); }

Answer project_builds(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    return list_builds(desk, request, project.id, request.param("branch"));
}

// The builds before this one that have its name and branch, newest first.
Result<void> find_previous(Desk& desk, const JobScene& scene, BuildDetails& details) {
    GYRE_TRY_ASSIGN(const auto places,
                    desk.ports.reads.recent_jobs(scene.project.id, scene.pipeline.trigger.branch, looked_back, 0));
    for (const auto& place : places) {
        GYRE_TRY_ASSIGN(auto other, scene_of(desk, place));
        const bool before = other.job().number < scene.job().number && other.job().name == scene.job().name;
        if (!before || !is_terminal(other.job().status)) continue;
        if (!details.previous) details.previous = other;
        if (other.job().status != JobStatus::success) continue;
        details.previous_successful = std::move(other);
        return {};
    }
    return {};
}

Answer get_build(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    BuildDetails details;
    for (const auto& task : scene.job().tasks) {
        details.steps.emplace_back();
        if (task.attempts.empty()) continue;
        GYRE_TRY_ASSIGN(details.steps.back(),
                        steps_now(desk, {scene.job().id, task.index, task.attempts.back().number}));
    }
    GYRE_TRY_ASSIGN(const auto artifacts, desk.ports.records.artifacts(scene.job().id));
    details.has_artifacts = !artifacts.empty();
    GYRE_TRY(find_previous(desk, scene, details));
    const auto base = desk.base_url(request);
    details.output_url = [&](const AttemptRef& attempt, int step) {
        return base + open_output_path(desk, attempt, step);
    };
    return httpd::json_answer(build_view(scene, details, base));
}

Answer list_artifacts(Desk& desk, const Request& request, const JobScene& scene) {
    GYRE_TRY_ASSIGN(const auto artifacts, desk.ports.records.artifacts(scene.job().id));
    json::array items;
    for (const auto& artifact : artifacts) {
        auto item = artifact_view(artifact, artifact_url(desk.base_url(request), scene.job().id, artifact));
        item["pretty_path"] = artifact.path;
        items.push_back(std::move(item));
    }
    return httpd::json_answer(items);
}

Answer get_artifacts(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    return list_artifacts(desk, request, scene);
}

Answer latest_artifacts(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    const auto filter = request.query_value("filter").value_or("completed");
    GYRE_TRY_ASSIGN(const auto places,
                    desk.ports.reads.recent_jobs(project.id, request.query_value("branch").value_or(""), searched, 0));
    for (const auto& place : places) {
        GYRE_TRY_ASSIGN(const auto scene, scene_of(desk, place));
        if (passes(filter, scene.job().status)) return list_artifacts(desk, request, scene);
    }
    return not_found("Build not found");
}

Answer get_tests(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto tests, desk.ports.records.tests(scene.job().id));
    json::array items;
    for (const auto& test : tests) items.push_back(test_view(test));
    return httpd::json_answer(json::object{{"tests", std::move(items)}, {"exceptions", json::array{}}});
}

Answer cancel(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY(desk.ports.front_door.handle(CancelAsked{scene.job().id, request.caller}));
    GYRE_TRY_ASSIGN(const auto after, scene_of_request(desk, request));
    auto view = build_summary(after, desk.base_url(request));
    view["canceled"] = true;
    return httpd::json_answer(view);
}

// Runs the workflow again as wished; answers the new build of the same name.
Answer run_again(Desk& desk, const Request& request, const JobScene& scene, const RerunWish& wish) {
    GYRE_TRY_ASSIGN(const auto id, desk.ports.front_door.rerun(scene.workflow.id, wish, request.caller));
    GYRE_TRY_ASSIGN(const auto workflow, desk.ports.workflows.load(id));
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        if (workflow.jobs[i].name != scene.job().name) continue;
        GYRE_TRY_ASSIGN(const auto fresh, scene_of(desk, {workflow.pipeline, workflow.id, i}));
        auto view = build_summary(fresh, desk.base_url(request));
        view["retry_of"] = scene.job().number;
        return httpd::json_answer(view);
    }
    return corrupt("the workflow that runs again has no job " + scene.job().name);
}

// From what failed (from its start when nothing did).
Answer retry(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    const bool failed =
        scene.workflow.status == WorkflowStatus::failed || scene.workflow.status == WorkflowStatus::canceled;
    return run_again(
        desk, request, scene,
        failed && scene.job().status != JobStatus::success ? RerunKind::from_failed : RerunKind::from_start);
}

Answer retry_with_ssh(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    return run_again(desk, request, scene, RerunWish({scene.job().id}, true));
}

Answer me(Desk&, Request& request) {
    const auto& login = request.caller;
    return httpd::json_answer(json::object{{"login", login},
                                           {"name", login},
                                           {"selected_email", nullptr},
                                           {"all_emails", json::array{}},
                                           {"avatar_url", nullptr},
                                           {"admin", true},
                                           {"dev_admin", false},
                                           {"analytics_id", user_id(login)},
                                           {"projects", json::object{}},
                                           {"identities", json::object{}}});
}

}  // namespace

void add_v1_routes(Desk& desk, httpd::Router& router) {
    for (const std::string base : {"/api/v1.1", "/api/v1"}) {
        const std::string project = base + "/project";
        desk.get(router, base + "/me", me);
        desk.get_much(router, base + "/recent-builds", recent_builds);
        desk.get_much_of_project(router, project, "", project_builds);
        desk.get_much_of_project(router, project, "/tree/*branch", project_builds);
        desk.get_much_of_project(router, project, "/:n", get_build);
        desk.get_much_of_project(router, project, "/latest/artifacts", latest_artifacts);
        desk.get_much_of_project(router, project, "/:n/artifacts", get_artifacts);
        desk.get_much_of_project(router, project, "/:n/tests", get_tests);
        desk.post_of_project(router, project, "/:n/cancel", cancel);
        desk.post_of_project(router, project, "/:n/retry", retry);
        desk.post_of_project(router, project, "/:n/ssh", retry_with_ssh);
    }
}

}  // namespace gyre::api
