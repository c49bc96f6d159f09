#include "apps/gyre/known_to_jobs.h"

#include <optional>
#include <utility>

#include "identity/checkout_keys.h"

namespace gyre::apps {

Result<gateway::JobSecrets> secrets_of(const identity::SecretPorts& ports, const Project& project,
                                       const std::string& fork, const gateway::WantedSecrets& wanted) {
    gateway::JobSecrets secrets;
    GYRE_TRY_ASSIGN(secrets.variables, identity::secrets_of_job(ports, project, fork, wanted.contexts));
    if (wanted.checkout_key) {
        GYRE_TRY_ASSIGN(auto key, identity::checkout_key_of_job(ports, project, fork));
        if (key) secrets.checkout_key = wire::CheckoutKey{std::move(key->key.text), key->for_job};
    }
    GYRE_TRY_ASSIGN(auto logins, identity::registry_logins_of_job(ports, project, fork, wanted.registries));
    for (auto& [registry, created_at, updated_at, login] : logins)
        secrets.registry_logins.push_back({registry, login->username, login->password});
    if (!wanted.ssh_keys) return secrets;
    GYRE_TRY_ASSIGN(const auto keys, identity::ssh_keys_of_job(ports, project, fork));
    for (const auto& [hostname, key, created_at] : keys)
        secrets.ssh_keys.push_back({hostname, key.md5(), key.sha256(), key.text});
    return secrets;
}

// Behind all variables, of which the last one of a name counts: a context cannot stand in for a token.
Result<gateway::JobSecrets> with_tokens(gateway::JobSecrets secrets, const identity::SecretPorts& ports,
                                        const Project& project, const Trigger& trigger,
                                        const gateway::WantedSecrets& wanted, const identity::TokenIssuer& issuer,
                                        Timestamp now) {
    const identity::TokenSubject subject{wanted.pipeline, wanted.workflow, wanted.job,
                                         wanted.person,   wanted.ssh,      wanted.contexts};
    GYRE_TRY_ASSIGN(auto tokens, identity::id_tokens_of_job({ports.contexts, ports.secrets}, project, trigger, subject,
                                                            issuer, now));
    for (auto& token : tokens) secrets.variables.push_back(std::move(token));
    return secrets;
}

adapters::GitExecutable::KeySource checkout_keys_in(identity::Vault& vault) {
    return [&vault](const ProjectId& project) -> Result<std::optional<std::string>> {
        GYRE_TRY_ASSIGN(auto key, identity::preferred_key(vault, project));
        return key ? std::optional(std::move(key->text)) : std::nullopt;
    };
}

}  // namespace gyre::apps
