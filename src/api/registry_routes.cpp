#include <string>

#include "api/audit_note.h"
#include "api/organization.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "identity/registry_logins.h"

// Logins to registries that organizations have. Nobody reads a password again.

namespace gyre::api {
namespace {

json::object view_of(const identity::StoredLogin& stored) {
    json::object view{{"registry", stored.registry},
                      {"username", stored.login ? json::value(stored.login->username) : json::value(nullptr)},
                      {"created_at", to_iso(stored.created_at)},
                      {"updated_at", to_iso(stored.updated_at)}};
    if (!stored.login) view["error"] = stored.login.error().message;
    return view;
}

Result<void> note_login(Desk& desk, const Request& request, const std::string& action, const std::string& organization,
                        const std::string& registry) {
    return note(desk, request, action, organization, "", {{"registry", registry}});
}

Answer list(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto organization, organization_asked_for(desk, request));
    GYRE_TRY_ASSIGN(const auto logins, identity::registry_logins(desk.ports.vault, organization));
    json::array items;
    for (const auto& one : logins) items.push_back(view_of(one));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer add(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"owner", "registry", "username", "password"}));
    GYRE_TRY_ASSIGN(const auto organization, organization_member(desk, body));
    GYRE_TRY_ASSIGN(const auto registry, text_member(body, "registry"));
    identity::RegistryLogin login;
    GYRE_TRY_ASSIGN(login.username, text_member(body, "username"));
    GYRE_TRY_ASSIGN(login.password, text_member(body, "password"));
    GYRE_TRY_ASSIGN(const auto stored, identity::put_registry_login(desk.ports.vault, organization, registry, login,
                                                                    desk.ports.clock.now()));
    GYRE_TRY(note_login(desk, request, "registry-login.store", organization, stored.registry));
    return httpd::json_answer(view_of(stored), 201);
}

Answer remove(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto organization, organization_asked_for(desk, request));
    GYRE_TRY_ASSIGN(const auto registry,
                    identity::remove_registry_login(desk.ports.vault, organization, request.param("registry")));
    GYRE_TRY(note_login(desk, request, "registry-login.delete", organization, registry));
    return httpd::message_answer(200, "Registry login deleted.");
}

}  // namespace

void add_registry_routes(Desk& desk, httpd::Router& router) {
    const std::string all = "/api/v2/gyre/registries";
    desk.get_much(router, all, list);
    desk.post(router, all, add);
    desk.remove(router, all + "/:registry", remove);
}

}  // namespace gyre::api
