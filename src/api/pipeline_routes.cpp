#include <set>

#include "api/parameters.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/views/pipeline_view.h"
#include "api/views/text.h"
#include "model/continuation_key.h"

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 20;
constexpr std::int64_t largest_page = 100;
constexpr std::int64_t largest_position = std::int64_t{1} << 53;
constexpr std::size_t largest_handover = std::size_t{8} << 20;  // bytes: the largest config, escaped

Result<Pipeline> load(Desk& desk, const PipelineId& id) {
    auto pipeline = desk.ports.workflows.load_pipeline(id);
    if (!pipeline && pipeline.error().fault == Fault::not_found) return not_found("Pipeline not found.");
    return pipeline;
}

// The page token is the position of the last pipeline that was seen.
Answer list_page(Desk& desk, const Request& request, PipelineQuery query) {
    GYRE_TRY_ASSIGN(const auto limit, request.query_number("limit", usual_page, 1, largest_page));
    GYRE_TRY_ASSIGN(query.before, request.query_number("page-token", 0, 0, largest_position));
    query.branch = request.query_value("branch").value_or("");
    query.limit = static_cast<int>(limit) + 1;
    GYRE_TRY_ASSIGN(auto listed, desk.ports.reads.pipelines(query));
    std::string next;
    if (listed.size() > static_cast<std::size_t>(limit)) {
        listed.resize(static_cast<std::size_t>(limit));
        next = std::to_string(listed.back().position);
    }
    const auto organization = request.query_value("org-slug").value_or("");
    Slugs slugs(desk.ports.projects);
    json::array items;
    for (const auto& item : listed) {
        GYRE_TRY_ASSIGN(const auto project, slugs.of(item.pipeline.project));
        if (!organization.empty() && !project.slug.starts_with(organization + "/")) continue;
        items.push_back(pipeline_view(item.pipeline, project));
    }
    return httpd::json_answer(page_of(std::move(items), next));
}

Answer list_all(Desk& desk, Request& request) {
    PipelineQuery query;
    if (const auto slug = request.query_value("project-slug"); slug && !slug->empty()) {
        GYRE_TRY_ASSIGN(const auto project, desk.project_of(Request{.params = {{"slug", *slug}}}));
        query.project = project.id;
    }
    return list_page(desk, request, std::move(query));
}

Answer list_of_project(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    return list_page(desk, request, {.project = project.id});
}

Answer show(Desk& desk, const PipelineId& id) {
    GYRE_TRY_ASSIGN(const auto pipeline, load(desk, id));
    GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_id(pipeline.project));
    return httpd::json_answer(pipeline_view(pipeline, project));
}

Answer get_pipeline(Desk& desk, Request& request) { return show(desk, PipelineId{request.param("id")}); }

Answer get_by_number(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto number, path_number(request, "number", "Pipeline not found."));
    auto id = desk.ports.reads.pipeline_by_number(project.id, number);
    if (!id && id.error().fault == Fault::not_found) return not_found("Pipeline not found.");
    if (!id) return id.error();
    return show(desk, *id);
}

// "compiled" is the plan as JSON: every name, filter and default resolved. "source" is the config that a setup workflow
// handed over, if it has; the plan holds both.
Answer get_config(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto pipeline, load(desk, PipelineId{request.param("id")}));
    const bool compiled = pipeline.state != PipelineState::errored;
    json::object answer{{"source", pipeline.config_source},
                        {"compiled", compiled ? to_json_text(pipeline.plan) : std::string()}};
    if (pipeline.continuation) {
        answer["setup-config"] = pipeline.config_source;
        answer["source"] = pipeline.continuation->config_source;
    }
    return httpd::json_answer(answer);
}

Answer get_workflows(Desk& desk, Request& request) {
    const PipelineId id{request.param("id")};
    GYRE_TRY_ASSIGN(const auto pipeline, load(desk, id));
    GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_id(pipeline.project));
    GYRE_TRY_ASSIGN(const auto ids, desk.ports.reads.workflows_of(id));
    json::array items;
    for (const auto& workflow_id : ids) {
        GYRE_TRY_ASSIGN(const auto workflow, desk.ports.workflows.load(workflow_id));
        items.push_back(workflow_view(workflow, pipeline.number, project));
    }
    return httpd::json_answer(page_of(std::move(items)));
}

// All workflows that have not ended, and then those that its setup workflow started meanwhile: once that is canceled,
// it starts no more. Own extension.
Answer cancel(Desk& desk, Request& request) {
    const PipelineId id{request.param("id")};
    GYRE_TRY(load(desk, id));
    int canceled = 0;
    std::set<WorkflowId> seen;
    for (bool look_again = true; look_again;) {
        look_again = false;
        GYRE_TRY_ASSIGN(const auto ids, desk.ports.reads.workflows_of(id));
        for (const auto& workflow_id : ids) {
            if (!seen.insert(workflow_id).second) continue;
            GYRE_TRY_ASSIGN(const auto workflow, desk.ports.workflows.load(workflow_id));
            if (is_terminal(workflow.status)) continue;
            GYRE_TRY(desk.ports.front_door.cancel_workflow(workflow_id, request.caller));
            ++canceled;
            look_again = true;
        }
    }
    return httpd::json_answer(json::object{{"message", "Accepted."}, {"canceled", canceled}}, 202);
}

// Comes from a job, which has no token of a person: its key opens the one pipeline that it was made for.
Answer continue_pipeline(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto parsed, parse_json(request.body, {.bytes = largest_handover}));
    if (!parsed.is_object()) return invalid("the body must be a JSON object");
    const auto& body = parsed.get_object();
    GYRE_TRY_ASSIGN(const auto key, text_member(body, "continuation-key"));
    const auto pipeline = pipeline_of_key(desk.settings.signing_key, key);
    if (!pipeline) return httpd::message_answer(401, "'continuation-key' is not the key of a setup workflow's job.");
    HandedOver handed{.pipeline = *pipeline};
    GYRE_TRY_ASSIGN(handed.config, text_member(body, "configuration"));
    if (handed.config.empty()) return invalid("'configuration' must be the text of a config");
    GYRE_TRY_ASSIGN(handed.parameters, parameters_member(body, "parameters"));
    GYRE_TRY(desk.ports.front_door.continue_pipeline(handed));
    return httpd::message_answer(200, "The pipeline continues.");
}

}  // namespace

void add_pipeline_routes(Desk& desk, httpd::Router& router) {
    desk.get(router, "/api/v2/pipeline", list_all);
    desk.get(router, "/api/v2/pipeline/:id", get_pipeline);
    router.add({.method = "POST",
                .pattern = "/api/v2/pipeline/continue",
                .handler = [&desk](Request& request) -> Response {
                    auto answer = continue_pipeline(desk, request);
                    return answer ? std::move(*answer) : httpd::error_answer(answer.error());
                },
                .runs_on = httpd::RunsOn::worker,
                .body_limit = largest_handover});
    desk.get(router, "/api/v2/pipeline/:id/config", get_config);
    desk.get(router, "/api/v2/pipeline/:id/workflow", get_workflows);
    desk.post(router, "/api/v2/gyre/pipeline/:id/cancel", cancel);
    desk.get_of_project(router, "/api/v2/project", "/pipeline", list_of_project);
    desk.get_of_project(router, "/api/v2/project", "/pipeline/:number", get_by_number);
}

}  // namespace gyre::api
