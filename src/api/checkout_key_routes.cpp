#include <optional>
#include <string>

#include "api/audit_note.h"
#include "api/checkout_key_view.h"
#include "api/routes.h"
#include "api/views/text.h"
#include "model/fingerprint.h"
#include "model/secret.h"

// Checkout keys of projects: the calls of v2 and v1.1, and our own to prefer another. Nobody reads a private part
// again.

namespace gyre::api {
namespace {

using identity::CheckoutKey;
using identity::CheckoutKeyType;
using identity::Rank;

// What is asked for as "user-key" is answered as "github-user-key"; either may be asked for.
constexpr const char* user_key_answered = "github-user-key";

std::string type_text(CheckoutKeyType type) {
    return type == CheckoutKeyType::user_key ? user_key_answered : std::string(name_of(type));
}

Result<CheckoutKeyType> type_member(const json::object& body) {
    GYRE_TRY_ASSIGN(const auto text, text_member(body, "type"));
    const auto type = text == user_key_answered ? CheckoutKeyType::user_key : enum_from<CheckoutKeyType>(text);
    if (!type) return invalid("'type' must be deploy-key or user-key");
    return *type;
}

std::string fingerprint_of(const CheckoutKey& key, FingerprintForm form) {
    return form == FingerprintForm::sha256 && key.key ? key.key->sha256() : key.md5;
}

Result<FingerprintForm> form_asked_for(const Request& request) {
    const auto digest = request.query_value("digest");
    if (!digest || *digest == "md5") return FingerprintForm::md5;
    if (*digest == "sha256") return FingerprintForm::sha256;
    return invalid("'digest' must be md5 or sha256");
}

using View = json::object (*)(const CheckoutKey& key, FingerprintForm form);

Result<json::array> all_keys(Desk& desk, const Request& request, View view) {
    GYRE_TRY_ASSIGN(const auto form, form_asked_for(request));
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto keys, identity::checkout_keys(desk.ports.vault, project.id));
    json::array items;
    for (const auto& key : keys) items.push_back(view(key, form));
    return items;
}

Answer list(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(auto items, all_keys(desk, request, checkout_key_view));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer list_v1(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(auto items, all_keys(desk, request, checkout_key_view_v1));
    return httpd::json_answer(std::move(items));
}

struct Wanted {
    CheckoutKeyType type = CheckoutKeyType::deploy_key;
    std::string private_key;  // empty: a new one is made
    Rank rank = Rank::preferred;
};

Result<Wanted> wanted_key(const Request& request) {
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY(check_members(body, {"type", "private_key", "preferred"}));
    Wanted wanted;
    GYRE_TRY_ASSIGN(wanted.type, type_member(body));
    GYRE_TRY_ASSIGN(wanted.private_key, text_member(body, "private_key"));
    if (body.contains("private_key") && wanted.private_key.empty())
        return invalid("'private_key' is empty: give the text of a private key, or leave it out for a new one");
    const auto* preferred = body.if_contains("preferred");
    if (preferred && !preferred->is_bool()) return invalid("'preferred' must be true or false");
    if (preferred && !preferred->get_bool()) wanted.rank = Rank::behind;
    return wanted;
}

Answer add_key(Desk& desk, const Request& request, View view) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto wanted, wanted_key(request));
    GYRE_TRY_ASSIGN(const auto key,
                    identity::add_checkout_key(desk.ports.vault, project.id, wanted.type, wanted.private_key,
                                               wanted.rank, desk.ports.clock.now()));
    GYRE_TRY(note_checkout_key(desk, request, "create", project.slug, key));
    return httpd::json_answer(view(key, FingerprintForm::md5), 201);
}

Answer add(Desk& desk, Request& request) { return add_key(desk, request, checkout_key_view); }
Answer add_v1(Desk& desk, Request& request) { return add_key(desk, request, checkout_key_view_v1); }

// In the form that it was asked for by.
Answer show_key(Desk& desk, const Request& request, View view) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    const std::string print = request.param("fingerprint");
    GYRE_TRY_ASSIGN(const auto key, identity::checkout_key_by(desk.ports.vault, project.id, print));
    return httpd::json_answer(
        view(key, normal_fingerprint(print) == key.md5 ? FingerprintForm::md5 : FingerprintForm::sha256));
}

Answer show(Desk& desk, Request& request) { return show_key(desk, request, checkout_key_view); }
Answer show_v1(Desk& desk, Request& request) { return show_key(desk, request, checkout_key_view_v1); }

Answer remove(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto key,
                    identity::remove_checkout_key(desk.ports.vault, project.id, request.param("fingerprint")));
    GYRE_TRY(note_checkout_key(desk, request, "delete", project.slug, key));
    return httpd::message_answer(200, "ok");
}

Answer prefer(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto key,
                    identity::prefer_checkout_key(desk.ports.vault, project.id, request.param("fingerprint"),
                                                  desk.ports.clock.now()));
    GYRE_TRY(note_checkout_key(desk, request, "prefer", project.slug, key));
    return httpd::json_answer(checkout_key_view(key));
}

}  // namespace

json::object checkout_key_view(const CheckoutKey& key, FingerprintForm form) {
    const json::value line = key.key ? json::value(key.key->public_line()) : json::value(nullptr);
    const std::string created_at = to_iso(key.created_at);
    json::object view{
        {"type", type_text(key.type)}, {"preferred", key.preferred}, {"fingerprint", fingerprint_of(key, form)},
        {"public-key", line},          {"public_key", line},         {"created-at", created_at},
        {"created_at", created_at}};
    if (!key.key) view["error"] = key.key.error().message;
    return view;
}

json::object checkout_key_view_v1(const CheckoutKey& key, FingerprintForm form) {
    return {{"public_key", key.key ? json::value(key.key->public_line()) : json::value(nullptr)},
            {"type", type_text(key.type)},
            {"fingerprint", fingerprint_of(key, form)},
            {"preferred", key.preferred},
            {"time", to_iso(key.created_at)}};
}

Result<void> note_checkout_key(Desk& desk, const Request& request, const std::string& what, const std::string& slug,
                               const CheckoutKey& key) {
    return note(desk, request, "checkout-key." + what, slug, slug,
                {{"type", std::string(name_of(key.type))}, {"fingerprint", key.md5}});
}

void add_checkout_key_routes(Desk& desk, httpd::Router& router) {
    const std::string v2 = "/api/v2/project";
    const std::vector<std::string> v1{"/api/v1.1/project", "/api/v1/project"};
    desk.get_much_of_project(router, v2, "/checkout-key", list);
    desk.post_of_project(router, v2, "/checkout-key", add);
    for (const auto& base : v1) {
        desk.get_much_of_project(router, base, "/checkout-key", list_v1);
        desk.post_of_project(router, base, "/checkout-key", add_v1);
    }
    // Half of all SHA256 fingerprints have an (encoded) slash.
    for (const std::string one : {"/checkout-key/:fingerprint", "/checkout-key/{fingerprint}"}) {
        desk.get_much_of_project(router, v2, one, show);
        desk.remove_of_project(router, v2, one, remove);
        desk.post_of_project(router, "/api/v2/gyre/project", one + "/prefer", prefer);
        for (const auto& base : v1) {
            desk.get_much_of_project(router, base, one, show_v1);
            desk.remove_of_project(router, base, one, remove);
        }
    }
}

}  // namespace gyre::api
