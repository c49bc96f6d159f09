#pragma once

// What a job may know when it begins: the variables of its project and of the contexts that it names, its project's
// additional SSH keys and the checkout key; and what its images are pulled with. Reads only.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/additional_keys.h"
#include "identity/checkout_keys.h"
#include "identity/registry_logins.h"
#include "identity/vault.h"
#include "model/project.h"
#include "model/step.h"
#include "ports/context_store.h"

namespace gyre::identity {

// Every organization has it: whoever names it is not refused where nobody has made it.
inline constexpr const char* global_context = "org-global";

struct SecretPorts {
    Vault& vault;
    SecretStore& secrets;
    ContextStore& contexts;
};

// Of the project first, then of each context in its order: of two with one name the later one counts. Jobs of a fork's
// commits (`fork`: its slug) get none, unless the project gives them to forks. Errors: `denied` with a sentence for
// people when a context is not there or not for this project; `too_large`; what the vault says.
Result<Environment> secrets_of_job(const SecretPorts& ports, const Project& project, const std::string& fork,
                                   const std::vector<std::string>& contexts);
// Those of the project, with the same rule for forks; what the vault says.
Result<std::vector<AdditionalKey>> ssh_keys_of_job(const SecretPorts& ports, const Project& project,
                                                   const std::string& fork);
// The key that the job's agent reads the remote with, and whether the job itself may have it. Jobs of a fork's commits:
// the preferred of the deploy keys, for the agent alone, unless the project gives forks what is its own. Nothing: the
// project has none, or none for forks. What the vault says, also of a key that cannot be read.
struct CheckoutKeyOfJob {
    PrivateSshKey key;
    bool for_job = false;
};
Result<std::optional<CheckoutKeyOfJob>> checkout_key_of_job(const SecretPorts& ports, const Project& project,
                                                            const std::string& fork);
// What the project's organization has for those registries, with the same rule for forks. What the vault says, also of
// one that cannot be opened: to pull without it would only tell that there is no such image.
Result<std::vector<StoredLogin>> registry_logins_of_job(const SecretPorts& ports, const Project& project,
                                                        const std::string& fork,
                                                        const std::vector<std::string>& registries);

}  // namespace gyre::identity
