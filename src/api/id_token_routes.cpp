#include "api/id_token_routes.h"

#include "identity/id_tokens.h"
#include "identity/token_keys.h"

namespace gyre::api {
namespace {

constexpr std::string_view well_known = "/.well-known/";
constexpr const char* kept_for = "public, max-age=3600";

json::object configuration_of(const std::string& issuer) {
    return {{"issuer", issuer},
            {"jwks_uri", issuer + std::string(well_known) + "jwks-pub.json"},
            {"response_types_supported", json::array{"id_token"}},
            {"subject_types_supported", json::array{"public"}},
            {"id_token_signing_alg_values_supported", json::array{"ES256"}},
            {"scopes_supported", json::array{"openid"}},
            {"claims_supported",
             json::array{"aud", "exp", "iat", "iss", "sub", "oidc.circleci.com/context-ids", "oidc.circleci.com/job-id",
                         "oidc.circleci.com/org-id", "oidc.circleci.com/pipeline-id", "oidc.circleci.com/project-id",
                         "oidc.circleci.com/ssh-rerun", "oidc.circleci.com/vcs-origin", "oidc.circleci.com/vcs-ref",
                         "oidc.circleci.com/workflow-id"}}};
}

// Of any organization: nothing is signed in the name of those that are not here, strangers are not told which ones are,
// and however often they ask, nobody looks into the database for it.
Result<std::string> organization_in(const Request& request) {
    const std::string& id = request.param("id");
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool digit = (id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f');
        if (dash ? id[i] != '-' : !digit) return not_found("an organization has an id such as the API shows it");
    }
    return id.size() == 36 ? Result<std::string>(id) : not_found("an organization has an id such as the API shows it");
}

Answer configuration(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto id, organization_in(request));
    return httpd::json_answer(configuration_of(identity::issuer_of(desk.base_url(request), id)));
}

Answer keys(Desk& desk, Request& request) {
    GYRE_TRY(organization_in(request));
    GYRE_TRY_ASSIGN(auto found, identity::public_token_keys(desk.settings.signing_key, desk.ports.clock.now()));
    return httpd::json_answer(found);
}

void add(Desk& desk, httpd::Router& router, const std::string& name, Desk::Handler handler) {
    router.add({.method = "GET",
                .pattern = "/org/:id" + std::string(well_known) + name,
                .handler =
                    [&desk, handler](Request& request) {
                        auto answer = handler(desk, request);
                        if (!answer) return httpd::error_answer(answer.error());
                        return std::move(*answer).with("cache-control", kept_for);
                    },
                .runs_on = httpd::RunsOn::worker});
}

}  // namespace

void add_id_token_routes(Desk& desk, httpd::Router& router) {
    add(desk, router, "openid-configuration", configuration);
    add(desk, router, "jwks-pub.json", keys);
}

}  // namespace gyre::api
