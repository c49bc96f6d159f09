#pragma once

// Logins to registries that organizations have: what the images of their projects' jobs are pulled with. One for each
// registry, which is its name in the vault; names are no secret. Thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/vault.h"

namespace gyre::identity {

struct RegistryLogin {
    std::string username;
    std::string password;
};

// As the vault holds it: one that cannot be opened any more can be seen and removed all the same.
struct StoredLogin {
    std::string registry;  // as parse_registry() answers it
    Timestamp created_at{};
    Timestamp updated_at{};
    Result<RegistryLogin> login;
};

// In place of the one that the organization has for this registry, if any. `invalid` and `too_large` with a sentence
// that holds nothing of the password; `not_found`: no project is of this organization; what the vault says.
Result<StoredLogin> put_registry_login(Vault& vault, const std::string& organization, std::string_view registry,
                                       const RegistryLogin& login, Timestamp at);
// By the names of their registries.
Result<std::vector<StoredLogin>> registry_logins(Vault& vault, const std::string& organization);
// Answers the registry's name. `not_found`; `invalid` where the text names no registry.
Result<std::string> remove_registry_login(Vault& vault, const std::string& organization, std::string_view registry);

}  // namespace gyre::identity
