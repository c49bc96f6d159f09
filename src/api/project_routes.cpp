#include <algorithm>
#include <optional>

#include "api/audit_note.h"
#include "api/checkout_key_view.h"
#include "api/parameters.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/views/pipeline_view.h"
#include "api/views/project_view.h"
#include "api/views/text.h"
#include "base/ascii.h"
#include "base/digest.h"
#include "base/random.h"
#include "model/host_keys.h"
#include "model/remote.h"
#include "model/subject_ids.h"

namespace gyre::api {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_ref = 500;

json::object me_view(const std::string& login) {
    return {{"id", user_id(login)}, {"login", login}, {"name", login}, {"avatar_url", nullptr}};
}

Answer me(Desk&, Request& request) { return httpd::json_answer(me_view(request.caller)); }

Answer list_projects(Desk& desk, Request&) {
    GYRE_TRY_ASSIGN(const auto projects, desk.ports.projects.all());
    json::array items;
    for (const auto& project : projects) items.push_back(project_view(project));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer get_project(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    return httpd::json_answer(project_view(project));
}

bool is_name(std::string_view text) {
    const auto fine = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
    return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), fine) &&
           text.find_first_not_of('.') != std::string_view::npos;
}

Result<void> check_slug(const std::string& slug) {
    const auto words = slug_words(slug);
    const auto parts = std::count(slug.begin(), slug.end(), '/') + 1;
    const bool plain = parts == 2 && words.vcs == "git" && is_name(words.repository);
    const bool hosted = parts == 3 && (words.vcs == "gh" || words.vcs == "bb") && is_name(words.organization) &&
                        is_name(words.repository);
    if (plain || hosted) return {};
    return invalid("a project is named git/NAME or gh/ORG/REPO, with letters, digits, '-', '_' and '.'; not '" +
                   slug.substr(0, longest_name) + "'");
}

// Nothing: it is not given, and stays as it is.
Result<std::optional<bool>> flag_member(const json::object& object, std::string_view name) {
    const auto* wanted = object.if_contains(name);
    if (!wanted) return std::optional<bool>();
    if (!wanted->is_bool()) return invalid("'" + std::string(name) + "' must be true or false");
    return std::optional(wanted->get_bool());
}

// What a project that could not be read needs: a key to be let in with, and the word why. The project is there also
// where no key can be made now.
Result<void> add_first_key(Desk& desk, const Request& request, const NewProject& added, json::object& view) {
    view["read"] = false;
    view["refusal"] = added.refusal;
    const auto key =
        identity::add_checkout_key(desk.ports.vault, added.project.id, identity::CheckoutKeyType::deploy_key, "",
                                   identity::Rank::preferred, desk.ports.clock.now());
    if (!key) {
        view["key_trouble"] = key.error().message;
        return {};
    }
    view["checkout_key"] = checkout_key_view(*key);
    return note_checkout_key(desk, request, "create", added.project.slug, *key);
}

Answer add_project(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"slug", "remote", "poll", "checkout_key"}));
    GYRE_TRY_ASSIGN(const auto slug, text_member(body, "slug"));
    GYRE_TRY_ASSIGN(const auto remote, text_member(body, "remote"));
    GYRE_TRY(check_slug(slug));
    GYRE_TRY(check_remote(remote));
    Project project{.id = {random_uuid()}, .slug = slug, .remote = remote, .created_at = desk.ports.clock.now()};
    GYRE_TRY_ASSIGN(const auto poll, flag_member(body, "poll"));
    GYRE_TRY_ASSIGN(const auto with_key, flag_member(body, "checkout_key"));
    project.poll = poll.value_or(true);
    if (with_key.value_or(false) && !is_over_ssh(remote))
        return invalid("a checkout key is for a remote over ssh: git@HOST:PATH or ssh://...");
    GYRE_TRY_ASSIGN(const auto added, desk.wishes.add_project(std::move(project), !with_key.value_or(false)));
    auto view = project_view(added.project);
    if (!added.read) GYRE_TRY(add_first_key(desk, request, added, view));
    return httpd::json_answer(view, 201);
}

std::string remote_of_body(const Request& request) {
    const auto body = body_object(request);
    auto remote = body ? text_member(*body, "remote") : body.error();
    return remote ? std::move(*remote) : std::string();
}

Answer created(Desk& desk, const PipelineId& id) {
    GYRE_TRY_ASSIGN(const auto pipeline, desk.ports.workflows.load_pipeline(id));
    return httpd::json_answer(created_view(pipeline), 201);
}

Answer trigger(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"branch", "tag", "parameters", "parameter_texts"}));
    const auto* branch = body.if_contains("branch");
    if (branch && branch->is_null()) return invalid("'branch' must be a string");
    WantedPipeline wanted{.actor = request.caller};
    GYRE_TRY_ASSIGN(wanted.parameters, parameters_member(body, "parameters"));
    GYRE_TRY_ASSIGN(wanted.parameter_texts, texts_member(body, "parameter_texts"));
    for (const auto& [name, text] : wanted.parameter_texts) {
        if (wanted.parameters.contains(name)) return invalid("the parameter '" + name + "' is given twice");
    }
    GYRE_TRY_ASSIGN(wanted.branch, text_member(body, "branch"));
    GYRE_TRY_ASSIGN(wanted.tag, text_member(body, "tag"));
    if (!wanted.branch.empty() && !wanted.tag.empty()) return invalid("give a branch or a tag, not both");
    if (wanted.branch.size() > longest_ref || wanted.tag.size() > longest_ref) return invalid("that name is too long");
    GYRE_TRY_ASSIGN(const auto id, desk.wishes.pipeline(project, wanted));
    return created(desk, id);
}

Answer settings_answer(Desk& desk, const Project& project) {
    GYRE_TRY_ASSIGN(const bool forks, desk.ports.secrets.given_to_forks(project.id));
    const json::object advanced{{"autocancel_builds", project.auto_cancel}, {"forks_receive_secret_env_vars", forks}};
    return httpd::json_answer(json::object{{"advanced", advanced}});
}

Answer get_settings(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    return settings_answer(desk, project);
}

struct WantedSettings {
    std::optional<bool> auto_cancel;
    std::optional<bool> forks;
};

Result<void> give_to_forks(Desk& desk, const Project& project, bool given) {
    auto& secrets = desk.ports.secrets;
    GYRE_TRY_ASSIGN(const bool before, secrets.given_to_forks(project.id));
    auto set = secrets.give_to_forks(project.id, given);
    if (!set) (void)secrets.give_to_forks(project.id, before);  // it may be set, and only the answer lost
    return set;
}

// All of them, or none: they lie in two stores. What gives secrets away is the last, after its note: it is not on while
// something else may still fail, and never without a note.
Result<Project> store_settings(Desk& desk, const Request& request, const Project& project, const WantedSettings& wanted,
                               const json::object& as_asked) {
    auto& projects = desk.ports.projects;
    Project changed = project;
    if (wanted.auto_cancel) {
        GYRE_TRY_ASSIGN(changed, projects.change(project.id, {.auto_cancel = *wanted.auto_cancel}));
    }
    auto done = note(desk, request, "project.settings.update", project.slug, project.slug, as_asked);
    if (done && wanted.forks) done = give_to_forks(desk, project, *wanted.forks);
    if (done) return changed;
    if (wanted.auto_cancel) (void)projects.change(project.id, {.auto_cancel = project.auto_cancel});
    return done.error();
}

// What is not given stays as it is; what cannot be set yet is refused.
Answer change_settings(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"advanced"}));
    const auto* advanced = body.if_contains("advanced");
    if (!advanced || !advanced->is_object()) return invalid("'advanced' must be an object");
    GYRE_TRY(check_members(advanced->get_object(), {"autocancel_builds", "forks_receive_secret_env_vars"}));
    WantedSettings wanted;
    GYRE_TRY_ASSIGN(wanted.auto_cancel, flag_member(advanced->get_object(), "autocancel_builds"));
    GYRE_TRY_ASSIGN(wanted.forks, flag_member(advanced->get_object(), "forks_receive_secret_env_vars"));
    if (wanted.auto_cancel || wanted.forks) {
        GYRE_TRY_ASSIGN(project, store_settings(desk, request, project, wanted, advanced->get_object()));
    }
    return settings_answer(desk, project);
}

// A hook's word that a ref moved; own extension. The same push told again answers with the pipeline it made.
Answer push(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    SeenPush seen{.actor = request.caller};
    GYRE_TRY_ASSIGN(seen.ref, text_member(body, "ref"));
    GYRE_TRY_ASSIGN(seen.before, text_member(body, "before"));
    GYRE_TRY_ASSIGN(seen.after, text_member(body, "after"));
    GYRE_TRY_ASSIGN(seen.delivery, text_member(body, "delivery"));
    if (seen.ref.size() > longest_ref) return invalid("that ref is too long");
    if (seen.delivery.size() > longest_name) return invalid("'delivery' may have 100 bytes");
    GYRE_TRY_ASSIGN(const auto id, desk.wishes.push(project, seen));
    if (id.empty()) return httpd::message_answer(200, "There is nothing to do for this ref.");
    return created(desk, id);
}

// Asks the remote now, as polling does from time to time. Own extension.
Answer look(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY(desk.wishes.look(project));
    GYRE_TRY_ASSIGN(const auto seen, desk.ports.projects.by_id(project.id));
    return httpd::json_answer(project_view(seen));
}

// A token for the project's hook, shown once; the one before ends. Own extension.
Answer make_hook_token(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    const std::string token = std::string(hook_token_prefix) + random_token();
    GYRE_TRY(desk.ports.tokens.set_hook_token(project.id, sha256_hex(token), desk.ports.clock.now()));
    return httpd::json_answer(json::object{{"token", token}}, 201);
}

Answer end_hook_token(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY(desk.ports.tokens.end_hook_token(project.id));
    return httpd::message_answer(200, "The hook's token has ended.");
}

}  // namespace

void add_project_routes(Desk& desk, httpd::Router& router) {
    desk.get(router, "/api/v2/me", me);
    desk.get(router, "/api/v2/projects", list_projects);
    desk.post_outside(router, "/api/v2/projects", add_project, remote_of_body);
    desk.get_of_project(router, "/api/v2/project", "", get_project);
    desk.get_of_project(router, "/api/v2/project", "/settings", get_settings);
    desk.patch_of_project(router, "/api/v2/project", "/settings", change_settings);
    desk.post_outside_of_project(router, "/api/v2/project", "/pipeline", trigger);
    desk.post_outside_of_hook(router, "/api/v2/gyre/project", "/push", push);
    desk.post_outside_of_project(router, "/api/v2/gyre/project", "/look", look);
    desk.post_of_project(router, "/api/v2/gyre/project", "/hook-token", make_hook_token);
    desk.remove_of_project(router, "/api/v2/gyre/project", "/hook-token", end_hook_token);
}

}  // namespace gyre::api
