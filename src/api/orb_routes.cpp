// The server's private registry of orbs; own extension.

#include "api/routes.h"
#include "api/views/text.h"
#include "base/digest.h"

namespace gyre::api {
namespace {

constexpr std::int64_t usual_page = 50;
constexpr std::int64_t largest_page = 200;
constexpr std::size_t longest_filter = 140;
constexpr JsonLimits publish_limits{.bytes = Desk::large_body, .depth = 8};

json::object release_view(const OrbRelease& release) {
    return {{"version", release.version},
            {"sha256", release.sha256},
            {"published_by", release.published_by},
            {"published_at", to_iso(release.published_at)},
            {"expires_at", time_or_null(release.expires_at)}};
}

Result<std::string> name_of_path(const Request& request) {
    std::string name = request.param("namespace") + "/" + request.param("name");
    GYRE_TRY(check_orb_name(name));
    return name;
}

Result<std::vector<OrbRelease>> releases_of(Desk& desk, const std::string& name) {
    GYRE_TRY_ASSIGN(auto releases, desk.ports.orbs.releases(name));
    releases = sorted_releases(std::move(releases), desk.ports.clock.now());
    if (releases.empty()) return not_found("the server has no orb '" + name + "'");
    return releases;
}

Answer list_orbs(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto limit, request.query_number("limit", usual_page, 1, largest_page));
    OrbQuery query{.contains = request.query_value("filter").value_or(""),
                   .after = request.query_value("page-token").value_or(""),
                   .limit = static_cast<int>(limit) + 1};
    if (query.contains.size() > longest_filter || query.after.size() > longest_filter)
        return invalid("'filter' and 'page-token' may have " + std::to_string(longest_filter) + " bytes");
    GYRE_TRY_ASSIGN(auto orbs, desk.ports.orbs.list(query, desk.ports.clock.now()));
    const bool more = orbs.size() > static_cast<std::size_t>(limit);
    if (more) orbs.resize(static_cast<std::size_t>(limit));
    const std::string last = more ? orbs.back().newest.name : "";
    json::array items;
    for (const auto& [newest, releases] : orbs)
        items.push_back(json::object{{"name", newest.name}, {"versions", releases}, {"newest", release_view(newest)}});
    return httpd::json_answer(page_of(std::move(items), last));
}

Answer show_orb(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto name, name_of_path(request));
    GYRE_TRY_ASSIGN(const auto releases, releases_of(desk, name));
    json::array versions;
    for (const OrbRelease& one : releases) versions.push_back(release_view(one));
    return httpd::json_answer(json::object{{"name", name}, {"versions", std::move(versions)}});
}

// ?version= is what a config may ask for: "1.2.3", "1", "volatile" (the default), "dev:label".
Answer show_source(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto name, name_of_path(request));
    const std::string asked = request.query_value("version").value_or("volatile");
    GYRE_TRY_ASSIGN(const auto releases, desk.ports.orbs.releases(name));
    GYRE_TRY_ASSIGN(const OrbRelease chosen, choose_release(name, asked, releases, desk.ports.clock.now()));
    GYRE_TRY_ASSIGN(const auto source, desk.ports.orbs.source(name, chosen.version));
    json::object answer = release_view(chosen);
    answer["name"] = name;
    answer["sha256"] = sha256_hex(source);  // a dev version may have been published again meanwhile
    answer["source"] = source;
    return httpd::json_answer(answer);
}

Response refusal(const CheckedOrb& checked, const std::string& reference) {
    return httpd::json_answer(json::object{{"message", reference + " is not valid:\n" + checked.report},
                                           {"diagnostics", checked.diagnostics}},
                              400);
}

std::string_view word(PublishedOrb published) {
    switch (published) {
        case PublishedOrb::stored:
            return "published";
        case PublishedOrb::replaced:
            return "replaced";
        case PublishedOrb::same:
            return "already published";
    }
    return "";
}

Answer publish_orb(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto name, name_of_path(request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request, publish_limits));
    OrbRelease release{.name = name, .published_by = request.caller, .published_at = desk.ports.clock.now()};
    GYRE_TRY_ASSIGN(release.version, text_member(body, "version"));
    GYRE_TRY_ASSIGN(const auto source, text_member(body, "source"));
    GYRE_TRY(check_orb_release(release.version));
    if (source.size() > longest_orb_source) {
        return too_large("the text of an orb may have " + std::to_string(longest_orb_source) + " bytes, this one has " +
                         std::to_string(source.size()));
    }
    const CheckedOrb checked = desk.wishes.check_orb(name + "@" + release.version, source);
    if (!checked.valid) return refusal(checked, name + "@" + release.version);
    if (is_dev_version(release.version)) release.expires_at = release.published_at + dev_orb_life;
    release.sha256 = sha256_hex(source);
    GYRE_TRY_ASSIGN(const auto published, desk.ports.orbs.publish(release, source));
    json::object answer = release_view(release);
    answer["name"] = name;
    answer["outcome"] = word(published);
    answer["diagnostics"] = checked.diagnostics;  // warnings
    return httpd::json_answer(answer, published == PublishedOrb::same ? 200 : 201);
}

Answer remove_orb(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto name, name_of_path(request));
    const std::string version = request.query_value("version").value_or("");
    GYRE_TRY(check_orb_release(version));
    if (!is_dev_version(version))
        return denied("only dev versions can be removed: configs rely on " + name + "@" + version);
    GYRE_TRY(desk.ports.orbs.remove(name, version));
    return httpd::message_answer(200, name + "@" + version + " is removed.");
}

}  // namespace

void add_orb_routes(Desk& desk, httpd::Router& router) {
    const std::string orb = "/api/v2/gyre/orbs/:namespace/:name";
    desk.get_much(router, "/api/v2/gyre/orbs", list_orbs);
    desk.get(router, orb, show_orb);
    desk.get(router, orb + "/source", show_source);
    desk.post_large(router, orb, publish_orb);
    desk.remove(router, orb, remove_orb);
}

}  // namespace gyre::api
