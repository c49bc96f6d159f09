#include "api/api.h"

#include <algorithm>

#include "api/id_token_routes.h"
#include "api/routes.h"
#include "base/ascii.h"

namespace gyre::api {
namespace {

struct OpenapiPath {
    std::string path;
    json::array parameters;
};

OpenapiPath openapi_path(std::string_view pattern) {
    OpenapiPath out;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        const auto segment = pattern.substr(0, end);
        pattern.remove_prefix(end);
        out.path += '/';
        if (segment.empty() || (segment[0] != ':' && segment[0] != '*' && segment[0] != '{')) {
            out.path += segment;
            continue;
        }
        const std::string name(segment[0] == '{' ? segment.substr(1, segment.size() - 2) : segment.substr(1));
        out.path += "{" + name + "}";
        out.parameters.push_back(
            json::object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    return out;
}

}  // namespace

json::object openapi_of(const httpd::Router& router) {
    json::object paths;
    for (const auto* route : router.routes()) {
        constexpr std::string_view front = "/api/v2";
        // Of the forms of a project slug the encoded one stands for all.
        const bool same = route->pattern.find("/git/:name") != std::string::npos ||
                          route->pattern.find("/:vcs/:org/:repo") != std::string::npos;
        if (!route->pattern.starts_with(front) || same) continue;
        auto [path, parameters] = openapi_path(std::string_view(route->pattern).substr(front.size()));
        auto& methods = paths[path];
        if (!methods.is_object()) methods = json::object{};
        methods.as_object()[lowered(route->method)] = json::object{
            {"parameters", std::move(parameters)}, {"responses", {{"default", {{"description", "see docs/api"}}}}}};
    }
    return {{"openapi", "3.0.3"},
            {"info", {{"title", "Gyre REST API v2"}, {"version", "v2"}}},
            {"servers", json::array{json::object{{"url", "/api/v2"}}}},
            {"paths", std::move(paths)}};
}

Api::Api(ApiPorts ports, Wishes wishes, ApiSettings settings) : desk_(ports, std::move(wishes), std::move(settings)) {}

void Api::add_routes(httpd::Router& router) {
    add_session_routes(desk_, router);
    add_project_routes(desk_, router);
    add_pipeline_routes(desk_, router);
    add_workflow_routes(desk_, router);
    add_job_routes(desk_, router);
    add_queue_routes(desk_, router);
    add_orb_routes(desk_, router);
    add_schedule_routes(desk_, router);
    add_variable_routes(desk_, router);
    add_context_routes(desk_, router);
    add_ssh_key_routes(desk_, router);
    add_checkout_key_routes(desk_, router);
    add_registry_routes(desk_, router);
    add_id_token_routes(desk_, router);
    add_ssh_routes(desk_, router);
    add_v1_routes(desk_, router);
    add_manifest_routes(desk_, router);
    add_usage_routes(desk_, router);
    add_output_routes(desk_, router);
    add_private_output_routes(desk_, router);
    add_stream_routes(desk_, router);
    const std::string document = json::serialize(openapi_of(router));
    router.add({.method = "GET", .pattern = "/api/v2/openapi.json", .handler = [document](Request&) {
                    return Response{.body = document}.with("content-type", "application/json");
                }});
}

}  // namespace gyre::api
