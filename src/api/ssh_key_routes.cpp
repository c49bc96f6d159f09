#include <optional>
#include <string>

#include "api/audit_note.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "identity/additional_keys.h"
#include "model/secret.h"

// Additional SSH keys of projects, for `add_ssh_keys`: v1.1's two calls, which answer nothing, and our own, which show
// the public part. Nobody reads the private part again.

namespace gyre::api {
namespace {

using identity::KeptKey;

constexpr std::size_t longest_fingerprint = 100;

json::object view_of(const KeptKey& kept) {
    const auto& key = kept.key;
    json::object view{{"hostname", kept.hostname},
                      {"fingerprint", kept.md5},
                      {"sha256", key ? json::value(key->sha256()) : json::value(nullptr)},
                      {"public_key", key ? json::value(key->public_line()) : json::value(nullptr)},
                      {"created_at", to_iso(kept.created_at)}};
    if (!key) view["error"] = key.error().message;
    return view;
}

Answer list(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto keys, identity::kept_keys(desk.ports.vault, project.id));
    json::array items;
    for (const auto& key : keys) items.push_back(view_of(key));
    return httpd::json_answer(page_of(std::move(items)));
}

Result<KeptKey> add_key(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"hostname", "private_key"}));
    GYRE_TRY_ASSIGN(const auto hostname, text_member(body, "hostname"));
    GYRE_TRY_ASSIGN(const auto text, text_member(body, "private_key"));
    if (text.empty()) return invalid("'private_key' is missing");
    GYRE_TRY_ASSIGN(auto key,
                    identity::add_additional_key(desk.ports.vault, project.id, hostname, text, desk.ports.clock.now()));
    GYRE_TRY(note(desk, request, "project.ssh_key.create", project.slug, project.slug,
                  {{"hostname", key.hostname}, {"fingerprint", key.md5}}));
    return key;
}

Answer add(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto key, add_key(desk, request));
    return httpd::json_answer(view_of(key), 201);
}

Answer add_v1(Desk& desk, Request& request) {
    GYRE_TRY(add_key(desk, request));
    return Response{.status = 201};
}

// Each that went is noted, also when the next one cannot be removed. No hostname: of every host.
Result<void> remove_keys(Desk& desk, const Request& request, const std::optional<std::string>& hostname,
                         const std::string& fingerprint) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    if (fingerprint.empty() || fingerprint.size() > longest_fingerprint)
        return invalid("'fingerprint' must be that of a key, MD5 (aa:bb:...) or SHA256:...");
    GYRE_TRY_ASSIGN(const auto keys, identity::kept_keys_by(desk.ports.vault, project.id, hostname, fingerprint));
    bool removed = false;
    for (const auto& key : keys) {
        GYRE_TRY_ASSIGN(const bool was_there, identity::remove_key(desk.ports.vault, project.id, key));
        if (!was_there) continue;
        removed = true;
        GYRE_TRY(note(desk, request, "project.ssh_key.delete", project.slug, project.slug,
                      {{"hostname", key.hostname}, {"fingerprint", key.md5}}));
    }
    return removed ? Result<void>{} : not_found("SSH key not found.");
}

Answer remove(Desk& desk, Request& request) {
    GYRE_TRY(remove_keys(desk, request, request.query_value("hostname"), request.param("fingerprint")));
    return httpd::message_answer(200, "ok");
}

Answer remove_v1(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"hostname", "fingerprint"}));
    std::optional<std::string> hostname;
    if (const auto* given = body.if_contains("hostname"); given && !given->is_null()) {
        GYRE_TRY_ASSIGN(hostname, text_member(body, "hostname"));
    }
    GYRE_TRY_ASSIGN(const auto fingerprint, text_member(body, "fingerprint"));
    GYRE_TRY(remove_keys(desk, request, hostname, fingerprint));
    return Response{};
}

}  // namespace

void add_ssh_key_routes(Desk& desk, httpd::Router& router) {
    const std::string own = "/api/v2/gyre/project";
    desk.get_much_of_project(router, own, "/ssh-key", list);
    desk.post_of_project(router, own, "/ssh-key", add);
    // Half of all SHA256 fingerprints have an (encoded) slash.
    for (const char* one : {"/ssh-key/:fingerprint", "/ssh-key/{fingerprint}"})
        desk.remove_of_project(router, own, one, remove);
    for (const std::string base : {"/api/v1.1/project", "/api/v1/project"}) {
        desk.post_of_project(router, base, "/ssh-key", add_v1);
        desk.remove_of_project(router, base, "/ssh-key", remove_v1);
    }
}

}  // namespace gyre::api
