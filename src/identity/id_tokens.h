#pragma once

// What a job shows to others to be known without a password: CIRCLE_OIDC_TOKEN and CIRCLE_OIDC_TOKEN_V2, ID tokens of
// OpenID Connect Core 1.0 with the claims that the language's documentation names ("OpenID Connect tokens"). They are
// good for an hour. The keys to check them with: token_keys.h.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/project.h"
#include "model/step.h"
#include "model/trigger.h"
#include "ports/context_store.h"
#include "ports/secret_store.h"

namespace gyre::identity {

struct TokenSubject {
    PipelineId pipeline;
    WorkflowId workflow;
    JobId job;
    std::string person;                 // the login of who started the workflow, or started it again
    bool ssh = false;                   // started for somebody who wishes to look into it
    std::vector<std::string> contexts;  // that the job names
};

struct TokenPorts {
    ContextStore& contexts;
    SecretStore& secrets;
};

struct TokenIssuer {
    std::string base_url;  // of the site, without a slash at its end
    std::string secret;    // of the installation
};

// Who vouches for the organization's jobs: <base URL>/org/<id>.
std::string issuer_of(const std::string& base_url, const std::string& organization_id);
// Where a commit comes from: the remote without scheme, user and ".git" (github.com/acme/shop).
std::string origin_of(const std::string& remote);

// Both variables, for jobs that name a context; none for others. For a fork's commits none either or, where the project
// gives forks what is its own, the second, which tells the fork. What the stores say; `unavailable`: as signed_token().
Result<Environment> id_tokens_of_job(const TokenPorts& ports, const Project& project, const Trigger& trigger,
                                     const TokenSubject& subject, const TokenIssuer& issuer, Timestamp now);

}  // namespace gyre::identity
