#include "api/desk.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/utf8.h"

namespace gyre::api {
namespace {

// See httpd/router.h: {slug} is one segment with encoded slashes, or an id.
constexpr std::array<std::string_view, 3> slug_patterns{"/{slug}", "/git/:name", "/:vcs/:org/:repo"};

constexpr std::size_t longest_shown = 60;

std::vector<std::string> project_patterns(const std::string& front, const std::string& rest) {
    std::vector<std::string> patterns;
    patterns.reserve(slug_patterns.size());
    for (const auto slug : slug_patterns) patterns.push_back(std::string(front).append(slug).append(rest));
    return patterns;
}

std::string short_vcs(const std::string& vcs) {
    if (vcs == "github") return "gh";
    return vcs == "bitbucket" ? "bb" : vcs;
}

std::string normal_slug(const std::string& slug) {
    const auto slash = slug.find('/');
    return slash == std::string::npos ? slug : short_vcs(slug.substr(0, slash)) + slug.substr(slash);
}

}  // namespace

Desk::Desk(ApiPorts given_ports, Wishes given_wishes, ApiSettings given_settings)
    : ports(given_ports),
      wishes(std::move(given_wishes)),
      settings(std::move(given_settings)),
      door(ports.tokens, ports.clock, settings.signing_key) {}

namespace {

// Lists that have no pages refuse a limit that is none, as the others do.
Answer answer_to(Desk& desk, const Desk::Handler& handler, Request& request) {
    if (request.method == "GET" || request.method == "HEAD")
        GYRE_TRY(request.query_number("limit", 0, 0, std::numeric_limits<std::int64_t>::max()));
    return handler(desk, request);
}

}  // namespace

void Desk::add(httpd::Router& router, const std::string& method, const std::string& pattern, Handler handler,
               httpd::RunsOn runs_on) {
    add(router, method, pattern, handler, runs_on, [this](Request& request) { return door.admit(request); });
}

void Desk::add(httpd::Router& router, const std::string& method, const std::string& pattern, Handler handler,
               httpd::RunsOn runs_on, httpd::Gatekeeper gatekeeper, std::size_t body_limit, httpd::Lane lane) {
    router.add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) -> Response {
                    auto answer = answer_to(*this, handler, request);
                    return answer ? std::move(*answer) : httpd::error_answer(answer.error());
                },
                .gatekeeper = std::move(gatekeeper),
                .runs_on = runs_on,
                .lane = std::move(lane),
                .body_limit = body_limit});
}

void Desk::get(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(router, "GET", pattern, handler, httpd::RunsOn::loop);
}

void Desk::get_much(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(router, "GET", pattern, handler, httpd::RunsOn::worker);
}

void Desk::post(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(router, "POST", pattern, handler, httpd::RunsOn::worker);
}

void Desk::post_large(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(
        router, "POST", pattern, handler, httpd::RunsOn::worker,
        [this](Request& request) { return door.admit(request); }, large_body);
}

void Desk::put(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(router, "PUT", pattern, handler, httpd::RunsOn::worker);
}

void Desk::remove(httpd::Router& router, const std::string& pattern, Handler handler) {
    add(router, "DELETE", pattern, handler, httpd::RunsOn::worker);
}

void Desk::get_stream(httpd::Router& router, const std::string& pattern, Stream stream) {
    router.add({.method = "GET",
                .pattern = pattern,
                .stream = [this, stream](httpd::Exchange& exchange) { return stream(*this, exchange); },
                .gatekeeper = [this](Request& request) { return door.admit(request); }});
}

void Desk::get_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler) {
    for (const auto& pattern : project_patterns(front, rest)) get(router, pattern, handler);
}

void Desk::get_much_of_project(httpd::Router& router, const std::string& front, const std::string& rest,
                               Handler handler) {
    for (const auto& pattern : project_patterns(front, rest)) get_much(router, pattern, handler);
}

void Desk::post_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler) {
    for (const auto& pattern : project_patterns(front, rest)) post(router, pattern, handler);
}

void Desk::get_stream_of_project(httpd::Router& router, const std::string& front, const std::string& rest,
                                 Stream stream) {
    for (const auto& pattern : project_patterns(front, rest)) get_stream(router, pattern, stream);
}

void Desk::remove_of_project(httpd::Router& router, const std::string& front, const std::string& rest,
                             Handler handler) {
    for (const auto& pattern : project_patterns(front, rest))
        add(router, "DELETE", pattern, handler, httpd::RunsOn::worker);
}

void Desk::patch_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler) {
    for (const auto& pattern : project_patterns(front, rest))
        add(router, "PATCH", pattern, handler, httpd::RunsOn::worker);
}

void Desk::post_outside(httpd::Router& router, const std::string& pattern, Handler handler, httpd::Lane lane) {
    add(
        router, "POST", pattern, handler, httpd::RunsOn::outside,
        [this](Request& request) { return door.admit(request); }, usual_body, std::move(lane));
}

void Desk::post_outside_of_project(httpd::Router& router, const std::string& front, const std::string& rest,
                                   Handler handler) {
    for (const auto& pattern : project_patterns(front, rest)) post_outside(router, pattern, handler, lane_of_project());
}

void Desk::post_outside_of_hook(httpd::Router& router, const std::string& front, const std::string& rest,
                                Handler handler) {
    for (const auto& pattern : project_patterns(front, rest)) {
        add(
            router, "POST", pattern, handler, httpd::RunsOn::outside,
            [this](Request& request) { return door.admit_push(request, project_of(request)); }, usual_body,
            lane_of_project());
    }
}

// The remote; what no project is named by needs none, and is answered soon.
httpd::Lane Desk::lane_of_project() const {
    return [this](const Request& request) {
        const auto project = project_of(request);
        return project ? project->remote : std::string();
    };
}

Result<Project> Desk::project_of(const Request& request) const {
    std::string slug = request.param("slug");
    if (!request.param("name").empty()) slug = "git/" + request.param("name");
    if (slug.empty()) slug = request.param("vcs") + "/" + request.param("org") + "/" + request.param("repo");
    auto found = slug.find('/') == std::string::npos ? ports.projects.by_id(ProjectId{slug})
                                                     : ports.projects.by_slug(normal_slug(slug));
    if (!found && found.error().fault == Fault::not_found) return not_found("Project not found");
    return found;
}

std::string Desk::base_url(const Request& request) const {
    if (!settings.base_url.empty()) return settings.base_url;
    return "http://" + std::string(request.header("host"));
}

Result<json::object> body_object(const Request& request, JsonLimits limits) {
    if (request.body.empty()) return json::object{};
    GYRE_TRY_ASSIGN(auto body, parse_json(request.body, limits));
    if (!body.is_object()) return invalid("the body must be a JSON object");
    return std::move(body.get_object());
}

Result<void> check_members(const json::object& object, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : object) {
        if (std::find(known.begin(), known.end(), std::string_view(name)) != known.end()) continue;
        std::string names;
        for (const auto fine : known) names.append(names.empty() ? "'" : ", '").append(fine).append("'");
        return invalid("'" + std::string(cut_utf8(name, longest_shown)) + "' means nothing here; known are " + names);
    }
    return {};
}

Result<std::string> text_member(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    if (!member || member->is_null()) return std::string();
    if (!member->is_string()) return invalid("'" + std::string(name) + "' must be a string");
    return std::string(member->get_string());
}

}  // namespace gyre::api
