#include <algorithm>

#include "api/audit_note.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "model/secret.h"

// Variables of projects: set, listed in their masked form, removed. v2 and v1.1.

namespace gyre::api {
namespace {

using identity::Secret;

json::object view_of(const Secret& secret) {
    return {{"name", secret.name},
            {"value", masked_value(secret.value)},
            {"created_at", to_iso(secret.created_at)},
            {"updated_at", to_iso(secret.updated_at)}};
}

SecretPlace place_of(const Project& project, const std::string& name) {
    return {SecretKind::project_variable, project.id.text, name};
}

Result<json::array> variables_of(Desk& desk, const Project& project) {
    GYRE_TRY_ASSIGN(const auto secrets, desk.ports.vault.of(SecretKind::project_variable, project.id.text));
    json::array items;
    for (const auto& secret : secrets) items.push_back(view_of(secret));
    return items;
}

Answer list(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(auto items, variables_of(desk, project));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer list_v1(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(auto items, variables_of(desk, project));
    return httpd::json_answer(std::move(items));
}

Result<Secret> find(Desk& desk, const Project& project, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto secrets, desk.ports.vault.of(SecretKind::project_variable, project.id.text));
    const auto found = std::ranges::find(secrets, name, &Secret::name);
    if (found == secrets.end()) return not_found("Environment variable not found.");
    return *found;
}

Answer get(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto secret, find(desk, project, request.param("variable")));
    return httpd::json_answer(view_of(secret));
}

Answer set(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"name", "value"}));
    if (!body.contains("value")) return invalid("'value' is missing");
    GYRE_TRY_ASSIGN(const auto name, text_member(body, "name"));
    GYRE_TRY_ASSIGN(const auto value, text_member(body, "value"));
    GYRE_TRY(desk.ports.vault.put(place_of(project, name), value, desk.ports.clock.now()));
    GYRE_TRY(note(desk, request, "project.env_var.create", project.slug, project.slug, {{"name", name}}));
    return httpd::json_answer(json::object{{"name", name}, {"value", masked_value(value)}}, 201);
}

Answer remove(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    const std::string name = request.param("variable");
    GYRE_TRY_ASSIGN(const bool removed, desk.ports.vault.remove(place_of(project, name)));
    if (!removed) return not_found("Environment variable not found.");
    GYRE_TRY(note(desk, request, "project.env_var.delete", project.slug, project.slug, {{"name", name}}));
    return httpd::message_answer(200, "ok");
}

// Reads the key file again, and seals with its first key whatever another sealed. Own extension.
Answer seal_again(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const int sealed, desk.ports.vault.seal_again());
    GYRE_TRY(note(desk, request, "secrets.seal_again", "", "", {{"secrets", sealed}}));
    return httpd::json_answer(json::object{{"sealed_again", sealed}});
}

}  // namespace

void add_variable_routes(Desk& desk, httpd::Router& router) {
    desk.get_much_of_project(router, "/api/v2/project", "/envvar", list);
    for (const std::string base : {"/api/v1.1/project", "/api/v1/project"})
        desk.get_much_of_project(router, base, "/envvar", list_v1);
    for (const std::string base : {"/api/v2/project", "/api/v1.1/project", "/api/v1/project"}) {
        desk.post_of_project(router, base, "/envvar", set);
        desk.get_much_of_project(router, base, "/envvar/:variable", get);
        desk.remove_of_project(router, base, "/envvar/:variable", remove);
    }
    desk.post(router, "/api/v2/gyre/secrets/seal-again", seal_again);
}

}  // namespace gyre::api
