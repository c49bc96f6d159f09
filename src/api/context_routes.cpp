#include <algorithm>

#include "api/audit_note.h"
#include "api/organization.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "base/random.h"
#include "model/queue_rules.h"
#include "model/secret.h"

// Contexts of organizations, their variables, and which projects may use them.

namespace gyre::api {
namespace {

constexpr std::size_t longest_name = 100;

json::object view_of(const Context& context) {
    return {{"id", context.id.text}, {"name", context.name}, {"created_at", to_iso(context.created_at)}};
}

json::object view_of(const identity::Secret& secret, const Context& context) {
    return {{"variable", secret.name},
            {"truncated_value", masked_value(secret.value)},
            {"created_at", to_iso(secret.created_at)},
            {"updated_at", to_iso(secret.updated_at)},
            {"context_id", context.id.text}};
}

json::object view_of(const ContextRestriction& restriction, const Context& context, const Project& project) {
    return {{"id", restriction.id}, {"context_id", context.id.text}, {"project_id", project.id.text},
            {"name", project.slug}, {"restriction_type", "project"}, {"restriction_value", project.id.text}};
}

Result<Context> context_of(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(auto found, desk.ports.contexts.by_id({request.param("context")}));
    if (!found) return not_found("Context not found");
    return std::move(*found);
}

Result<void> check_context_name(const std::string& name) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (name.size() > longest_name) return too_large("the name of a context may have 100 bytes");
    if (name.empty() || name.front() == ' ' || name.back() == ' ' || std::ranges::any_of(name, is_control))
        return invalid("the name of a context has at least one character, no control characters and no blanks around");
    return {};
}

// Who did what to a context; `more`: beside its id.
Result<void> note_of(Desk& desk, const Request& request, const std::string& action, const Context& context,
                     json::object more = {}, const std::string& scope = {}) {
    more["context_id"] = context.id.text;
    return note(desk, request, action, context.organization + "/" + context.name, scope, std::move(more));
}

Answer list(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto organization, organization_asked_for(desk, request));
    GYRE_TRY_ASSIGN(const auto contexts, desk.ports.contexts.of(organization));
    json::array items;
    for (const auto& context : contexts) items.push_back(view_of(context));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer create(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"name", "owner"}));
    GYRE_TRY_ASSIGN(const auto name, text_member(body, "name"));
    GYRE_TRY(check_context_name(name));
    GYRE_TRY_ASSIGN(const auto organization, organization_member(desk, body));
    const Context context{{random_uuid()}, organization, name, desk.ports.clock.now()};
    GYRE_TRY(desk.ports.contexts.add(context));
    GYRE_TRY(note_of(desk, request, "context.create", context));
    return httpd::json_answer(view_of(context), 201);
}

Answer get(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    return httpd::json_answer(view_of(context));
}

Answer remove(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY(desk.ports.contexts.remove(context.id));
    GYRE_TRY(note_of(desk, request, "context.delete", context));
    return httpd::message_answer(200, "Context deleted.");
}

Answer list_variables(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY_ASSIGN(const auto secrets, desk.ports.vault.of(SecretKind::context_variable, context.id.text));
    json::array items;
    for (const auto& secret : secrets) items.push_back(view_of(secret, context));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer put_variable(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"value"}));
    if (!body.contains("value")) return invalid("'value' is missing");
    GYRE_TRY_ASSIGN(const auto value, text_member(body, "value"));
    const std::string name = request.param("variable");
    const auto now = desk.ports.clock.now();
    GYRE_TRY(desk.ports.vault.put({SecretKind::context_variable, context.id.text, name}, value, now));
    GYRE_TRY(note_of(desk, request, "context.env_var.store", context, {{"name", name}}));
    return httpd::json_answer(view_of({name, value, now, now}, context));
}

Answer remove_variable(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    const std::string name = request.param("variable");
    GYRE_TRY_ASSIGN(const bool removed, desk.ports.vault.remove({SecretKind::context_variable, context.id.text, name}));
    if (!removed) return not_found("Environment variable not found.");
    GYRE_TRY(note_of(desk, request, "context.env_var.delete", context, {{"name", name}}));
    return httpd::message_answer(200, "Environment variable deleted.");
}

Answer list_restrictions(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY_ASSIGN(const auto restrictions, desk.ports.contexts.restrictions(context.id));
    json::array items;
    for (const auto& restriction : restrictions) {
        GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_id(restriction.project));
        items.push_back(view_of(restriction, context, project));
    }
    return httpd::json_answer(page_of(std::move(items)));
}

// By its id, or by its slug; of the context's own organization.
Result<Project> project_named(Desk& desk, const Context& context, const std::string& text) {
    const auto found = text.find('/') == std::string::npos ? desk.ports.projects.by_id(ProjectId{text})
                                                           : desk.ports.projects.by_slug(text);
    const bool known = found && organization_of_slug(found->slug) == context.organization;
    if (!known && (found || found.error().fault == Fault::not_found))
        return not_found("the organization " + context.organization + " has no such project");
    return found;
}

Answer restrict_to(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"restriction_type", "restriction_value", "project_id"}));
    GYRE_TRY_ASSIGN(const auto type, text_member(body, "restriction_type"));
    if (!type.empty() && type != "project")
        return invalid("contexts can be restricted to projects only: 'restriction_type' must be 'project'");
    GYRE_TRY_ASSIGN(auto value, text_member(body, "restriction_value"));
    GYRE_TRY_ASSIGN(const auto id, text_member(body, "project_id"));
    if (value.empty()) value = id;
    GYRE_TRY_ASSIGN(const auto project, project_named(desk, context, value));
    const ContextRestriction restriction{random_uuid(), project.id};
    GYRE_TRY(desk.ports.contexts.allow_only(context.id, restriction));
    GYRE_TRY(
        note_of(desk, request, "context.restriction.create", context, {{"project_id", project.id.text}}, project.slug));
    return httpd::json_answer(view_of(restriction, context, project), 201);
}

Answer lift(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto context, context_of(desk, request));
    GYRE_TRY_ASSIGN(const bool lifted, desk.ports.contexts.lift(context.id, request.param("restriction")));
    if (!lifted) return not_found("Restriction not found.");
    GYRE_TRY(note_of(desk, request, "context.restriction.delete", context));
    return httpd::message_answer(200, "Context restriction deleted.");
}

}  // namespace

void add_context_routes(Desk& desk, httpd::Router& router) {
    const std::string one = "/api/v2/context/:context";
    desk.get_much(router, "/api/v2/context", list);
    desk.post(router, "/api/v2/context", create);
    desk.get(router, one, get);
    desk.remove(router, one, remove);
    desk.get_much(router, one + "/environment-variable", list_variables);
    desk.put(router, one + "/environment-variable/:variable", put_variable);
    desk.remove(router, one + "/environment-variable/:variable", remove_variable);
    desk.get_much(router, one + "/restrictions", list_restrictions);
    desk.post(router, one + "/restrictions", restrict_to);
    desk.remove(router, one + "/restrictions/:restriction", lift);
}

}  // namespace gyre::api
