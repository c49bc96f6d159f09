#pragma once

// What identity keeps, in the forms in which gateway and git want it.

#include <string>

#include "adapters/git/git_executable.h"
#include "base/result.h"
#include "gateway/assignment.h"
#include "identity/id_tokens.h"
#include "identity/job_secrets.h"

namespace gyre::apps {

// What a job may know of what is wanted; `fork`: the slug of the fork whose commits it runs, or empty.
Result<gateway::JobSecrets> secrets_of(const identity::SecretPorts& ports, const Project& project,
                                       const std::string& fork, const gateway::WantedSecrets& wanted);
// The same, and what vouches for the job.
Result<gateway::JobSecrets> with_tokens(gateway::JobSecrets secrets, const identity::SecretPorts& ports,
                                        const Project& project, const Trigger& trigger,
                                        const gateway::WantedSecrets& wanted, const identity::TokenIssuer& issuer,
                                        Timestamp now);

// The preferred checkout keys of projects. The vault outlives the source.
adapters::GitExecutable::KeySource checkout_keys_in(identity::Vault& vault);

}  // namespace gyre::apps
