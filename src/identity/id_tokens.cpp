#include "identity/id_tokens.h"

#include "identity/token_keys.h"
#include "model/queue_rules.h"
#include "model/remote.h"
#include "model/subject_ids.h"

namespace gyre::identity {
namespace {

constexpr std::int64_t good_for_seconds = 3600;

// A fork's commits are never told to be the project's own.
std::string told_origin(const Project& project, const Trigger& trigger) {
    return trigger.fork.empty() ? identity::origin_of(project.remote) : trigger.fork;
}

std::string ref_of(const Trigger& trigger) {
    return trigger.tag.empty() ? "refs/heads/" + trigger.branch : "refs/tags/" + trigger.tag;
}

// Of those that are there: org-global need not be.
Result<json::array> context_ids(ContextStore& contexts, const Project& project, const std::vector<std::string>& names) {
    json::array ids;
    for (const auto& name : names) {
        GYRE_TRY_ASSIGN(const auto context, contexts.by_name(organization_of_slug(project.slug), name));
        if (context) ids.push_back(json::string(context->id.text));
    }
    return ids;
}

std::string person(const Project& project, const TokenSubject& subject) {
    return "org/" + organization_id(project.slug) + "/project/" + project.id.text + "/user/" + user_id(subject.person);
}

// Of a subject that others compare with wildcards. A branch may be called anything: none shall look like two parts, nor
// like another that is written so.
std::string one_part(std::string text) {
    for (auto at = text.find('%'); at != std::string::npos; at = text.find('%', at + 3)) text.replace(at, 1, "%25");
    for (auto at = text.find("/vcs-"); at != std::string::npos; at = text.find("/vcs-", at)) text.replace(at, 1, "%2F");
    return text;
}

json::object claims_of(const Project& project, const Trigger& trigger, const TokenSubject& subject,
                       const std::string& base_url, Timestamp now) {
    const std::string organization = organization_id(project.slug);
    const std::int64_t seconds = to_millis(now) / 1000;
    return {{"iss", issuer_of(base_url, organization)},
            {"aud", organization},
            {"iat", seconds},
            {"exp", seconds + good_for_seconds},
            {"oidc.circleci.com/org-id", organization},
            {"oidc.circleci.com/project-id", project.id.text},
            {"oidc.circleci.com/pipeline-id", subject.pipeline.text},
            {"oidc.circleci.com/workflow-id", subject.workflow.text},
            {"oidc.circleci.com/job-id", subject.job.text},
            {"oidc.circleci.com/vcs-origin", told_origin(project, trigger)},
            {"oidc.circleci.com/vcs-ref", ref_of(trigger)},
            {"oidc.circleci.com/ssh-rerun", subject.ssh}};
}

}  // namespace

std::string issuer_of(const std::string& base_url, const std::string& organization_id) {
    return base_url + "/org/" + organization_id;
}

std::string origin_of(const std::string& remote) {
    std::string origin = without_credentials(remote).url;
    const auto scheme = origin.find("://");
    if (scheme != std::string::npos) origin.erase(0, scheme + 3);
    const auto at = origin.find('@');
    if (at < origin.find('/')) origin.erase(0, at + 1);
    const auto colon = origin.find(':');
    if (scheme == std::string::npos && colon < origin.find('/')) origin[colon] = '/';  // git@host:path
    while (origin.size() > 1 && origin.ends_with('/')) origin.pop_back();
    if (origin.ends_with(".git")) origin.resize(origin.size() - 4);
    if (const auto twice = origin.find("//"); twice != std::string::npos) origin.erase(twice, 1);  // host:/path
    return origin;
}

Result<Environment> id_tokens_of_job(const TokenPorts& ports, const Project& project, const Trigger& trigger,
                                     const TokenSubject& subject, const TokenIssuer& issuer, Timestamp now) {
    if (subject.contexts.empty()) return Environment{};
    if (!trigger.fork.empty()) {
        GYRE_TRY_ASSIGN(const bool trusted, ports.secrets.given_to_forks(project.id));
        if (!trusted) return Environment{};
    }
    auto claims = claims_of(project, trigger, subject, issuer.base_url, now);
    GYRE_TRY_ASSIGN(claims["oidc.circleci.com/context-ids"], context_ids(ports.contexts, project, subject.contexts));
    Environment tokens;
    if (trigger.fork.empty()) {  // whose subject has no place for where the commits come from
        claims["sub"] = person(project, subject);
        GYRE_TRY_ASSIGN(auto first, signed_token(issuer.secret, claims, now));
        tokens.push_back({"CIRCLE_OIDC_TOKEN", std::move(first)});
    }
    claims["sub"] = person(project, subject) + "/vcs-origin/" + one_part(told_origin(project, trigger)) + "/vcs-ref/" +
                    one_part(ref_of(trigger));
    GYRE_TRY_ASSIGN(auto second, signed_token(issuer.secret, claims, now));
    tokens.push_back({"CIRCLE_OIDC_TOKEN_V2", std::move(second)});
    return tokens;
}

}  // namespace gyre::identity
