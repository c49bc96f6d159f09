#include <algorithm>
#include <limits>

#include "api/audit_note.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/views/text.h"

// SSH into jobs: people's public keys, who comes into which job, and the audit log. Own extensions, but for one route
// of API v1.1.

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 100;
constexpr std::int64_t largest_page = 1000;

json::object view_of(const UserKey& key) {
    return {{"fingerprint", key.key.fingerprint},
            {"type", key.key.type},
            {"comment", key.key.comment},
            {"public_key", key.key.line()},
            {"added_at", to_iso(key.added_at)}};
}

// Everybody's own.
Answer get_keys(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto keys, desk.ports.ssh.keys(request.caller));
    json::array items;
    for (const auto& key : keys) items.push_back(view_of(key));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer add_key(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"public_key"}));
    GYRE_TRY_ASSIGN(const auto text, text_member(body, "public_key"));
    GYRE_TRY_ASSIGN(auto key, parse_ssh_key(text));
    const UserKey added{.login = request.caller, .key = std::move(key), .added_at = desk.ports.clock.now()};
    GYRE_TRY(desk.ports.ssh.add_key(added));
    GYRE_TRY(note(desk, request, "user.ssh_key.add", added.login, "", {{"fingerprint", added.key.fingerprint}}));
    return httpd::json_answer(view_of(added), 201);
}

Answer remove_key(Desk& desk, Request& request) {
    const std::string fingerprint = request.query_value("fingerprint").value_or("");
    GYRE_TRY_ASSIGN(const bool removed, desk.ports.ssh.remove_key(request.caller, fingerprint));
    if (!removed) return not_found("you have no key with the fingerprint " + fingerprint);
    GYRE_TRY(note(desk, request, "user.ssh_key.remove", request.caller, "", {{"fingerprint", fingerprint}}));
    return httpd::json_answer(json::object{{"message", "Key removed."}});
}

Result<std::vector<SshGuestOfJob>> guests_of(Desk& desk, const JobId& job) {
    GYRE_TRY_ASSIGN(const auto all, desk.ports.ssh.guests());
    const auto found = all.find(job);
    return found == all.end() ? std::vector<SshGuestOfJob>{} : found->second;
}

// The places of a task's last attempt, while the job runs.
Result<json::array> places_of(Desk& desk, const WorkflowJob& job) {
    json::array places;
    if (job.stopped_at) return places;
    GYRE_TRY_ASSIGN(const auto known, desk.ports.ssh.places(job.id));
    for (const auto& place : known) {
        const auto task = static_cast<std::size_t>(place.attempt.task);
        if (task >= job.tasks.size() || std::ssize(job.tasks[task].attempts) != place.attempt.attempt) continue;
        places.push_back(json::object{{"task", place.attempt.task},
                                      {"host", place.host},
                                      {"port", place.port},
                                      {"host_key_fingerprint", place.fingerprint},
                                      {"command", "ssh -p " + std::to_string(place.port) + " " + place.host},
                                      {"opened_at", to_iso(place.opened_at)}});
    }
    return places;
}

Answer ssh_of_job(Desk& desk, const JobScene& scene) {
    GYRE_TRY_ASSIGN(const auto guests, guests_of(desk, scene.job().id));
    json::array who;
    for (const auto& guest : guests) {
        who.push_back(json::object{{"login", guest.login}, {"keep", name_of(guest.keep)}, {"keys", guest.keys.size()}});
    }
    GYRE_TRY_ASSIGN(auto places, places_of(desk, scene.job()));
    return httpd::json_answer(json::object{{"job_id", scene.job().id.text},
                                           {"status", name_of(scene.job().status)},
                                           {"guests", std::move(who)},
                                           {"places", std::move(places)}});
}

Answer get_ssh(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    return ssh_of_job(desk, scene);
}

// What is not said stays as it was asked for before.
Result<SshKeep> keep_of(Desk& desk, const json::object& body, const JobId& job, const std::string& login) {
    GYRE_TRY_ASSIGN(const auto text, text_member(body, "keep"));
    if (text.empty()) {
        GYRE_TRY_ASSIGN(const auto guests, guests_of(desk, job));
        const auto known = std::ranges::find(guests, login, &SshGuestOfJob::login);
        return known == guests.end() ? SshKeep::no : known->keep;
    }
    if (const auto keep = enum_from<SshKeep>(text)) return *keep;
    return invalid("'keep' must be 'always', 'on_failure' or 'no'");
}

Result<void> ask(Desk& desk, const Request& request, const JobScene& scene, SshKeep keep) {
    GYRE_TRY(desk.ports.ssh.ask(scene.job().id, request.caller, keep, desk.ports.clock.now()));
    return note(desk, request, "workflow.job.ssh.ask", scene.project.slug + "/" + std::to_string(scene.job().number),
                scene.project.slug, {{"job_id", scene.job().id.text}, {"keep", name_of(keep)}});
}

Answer ask_for_ssh(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"keep"}));
    GYRE_TRY_ASSIGN(const auto keep, keep_of(desk, body, scene.job().id, request.caller));
    GYRE_TRY(ask(desk, request, scene, keep));
    return ssh_of_job(desk, scene);
}

Answer add_ssh_user(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto keep, keep_of(desk, {}, scene.job().id, request.caller));
    GYRE_TRY(ask(desk, request, scene, keep));
    return httpd::json_answer(json::object{{"message", "Your keys are let in."}});
}

json::object view_of(const AuditEvent& event) {
    return {{"id", event.id},
            {"version", 1},
            {"action", event.action},
            {"success", event.success},
            {"actor", text_or_null(event.actor)},
            {"target", text_or_null(event.target)},
            {"scope", text_or_null(event.scope)},
            {"payload", event.payload},
            {"occurred_at", to_iso(event.occurred_at)}};
}

Answer get_audit_events(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto limit, request.query_number("limit", usual_page, 1, largest_page));
    GYRE_TRY_ASSIGN(const auto before,
                    request.query_number("page-token", 0, 0, std::numeric_limits<std::int64_t>::max()));
    GYRE_TRY_ASSIGN(const auto page, desk.ports.audit.newest(static_cast<int>(limit), before));
    json::array items;
    for (const auto& event : page.events) items.push_back(view_of(event));
    return httpd::json_answer(page_of(std::move(items), page.next == 0 ? "" : std::to_string(page.next)));
}

}  // namespace

void add_ssh_routes(Desk& desk, httpd::Router& router) {
    desk.get(router, "/api/v2/gyre/ssh-keys", get_keys);
    desk.post(router, "/api/v2/gyre/ssh-keys", add_key);
    desk.remove(router, "/api/v2/gyre/ssh-keys", remove_key);
    desk.get_of_project(router, "/api/v2/gyre/project", "/job/:n/ssh", get_ssh);
    desk.post_of_project(router, "/api/v2/gyre/project", "/job/:n/ssh", ask_for_ssh);
    for (const std::string base : {"/api/v1.1/project", "/api/v1/project"})
        desk.post_of_project(router, base, "/:n/ssh-users", add_ssh_user);
    desk.get_much(router, "/api/v2/gyre/audit-events", get_audit_events);
}

}  // namespace gyre::api
