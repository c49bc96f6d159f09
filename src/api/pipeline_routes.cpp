#include "api/places.h"
#include "api/routes.h"
#include "api/views/pipeline_view.h"
#include "api/views/text.h"

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 20;
constexpr std::int64_t largest_page = 100;
constexpr std::int64_t largest_position = std::int64_t{1} << 53;

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

// "compiled" is the plan as JSON: every name, filter and default resolved.
Answer get_config(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto pipeline, load(desk, PipelineId{request.param("id")}));
    const bool compiled = pipeline.state != PipelineState::errored;
    return httpd::json_answer(json::object{{"source", pipeline.config_source},
                                           {"compiled", compiled ? to_json_text(pipeline.plan) : std::string()}});
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

}  // namespace

void add_pipeline_routes(Desk& desk, httpd::Router& router) {
    desk.get(router, "/api/v2/pipeline", list_all);
    desk.get(router, "/api/v2/pipeline/:id", get_pipeline);
    desk.get(router, "/api/v2/pipeline/:id/config", get_config);
    desk.get(router, "/api/v2/pipeline/:id/workflow", get_workflows);
    desk.get_of_project(router, "/api/v2/project", "/pipeline", list_of_project);
    desk.get_of_project(router, "/api/v2/project", "/pipeline/:number", get_by_number);
}

}  // namespace gyre::api
