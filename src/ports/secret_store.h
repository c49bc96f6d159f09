#pragma once

// Where secrets lie: sealed texts by their place. What they hold is known to src/identity alone. Thread-safe. Durable
// on return.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "model/ids.h"

namespace gyre {

enum class SecretKind { project_variable, context_variable, ssh_key, checkout_key, registry_login };
constexpr EnumNames<SecretKind, 5> enum_names(SecretKind) {
    return {{{SecretKind::project_variable, "project_variable"},
             {SecretKind::context_variable, "context_variable"},
             {SecretKind::ssh_key, "ssh_key"},
             {SecretKind::checkout_key, "checkout_key"},
             {SecretKind::registry_login, "registry_login"}}};
}

struct SecretPlace {
    SecretKind kind = SecretKind::project_variable;
    // The id of the project or, for a context's variables, of the context; of logins the organization (queue_rules.h).
    std::string owner;
    std::string name;  // of a variable, of a registry; of a key: identity/additional_keys.h, identity/checkout_keys.h
    auto operator<=>(const SecretPlace&) const = default;
};

struct StoredSecret {
    SecretPlace place;
    std::string key;     // the name of the key that it is sealed with
    std::string sealed;  // identity/key_ring.h
    Timestamp created_at{};
    Timestamp updated_at{};
    bool operator==(const StoredSecret&) const = default;
};

class SecretStore {
public:
    virtual ~SecretStore() = default;

    // Replaces what is there, and keeps its created_at. too_large: the owner has `most` others. not_found: no such
    // owner.
    virtual Result<void> put(const StoredSecret& secret, int most) = 0;
    virtual Result<bool> remove(const SecretPlace& place) = 0;                                           // was there
    virtual Result<std::vector<StoredSecret>> of(SecretKind kind, const std::string& owner) = 0;         // by name
    virtual Result<std::vector<std::string>> keys() = 0;                                                 // in use
    virtual Result<std::vector<StoredSecret>> not_sealed_with(const std::string& key, int at_most) = 0;  // any
    // Replaces a text by one of the same value. False: it is another by now, or gone.
    virtual Result<bool> seal_again(const StoredSecret& was, const std::string& key, const std::string& sealed) = 0;

    // Whether jobs of a fork's commits are given what the project's own are; not, unless somebody said so.
    virtual Result<bool> given_to_forks(const ProjectId& project) = 0;
    virtual Result<void> give_to_forks(const ProjectId& project, bool given) = 0;
};

}  // namespace gyre
