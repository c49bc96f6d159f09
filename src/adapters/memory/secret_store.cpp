#include "adapters/memory/secret_store.h"

#include <algorithm>

#include "model/queue_rules.h"

namespace gyre::memory {
namespace {

bool has_project(const State& state, const std::string& id) {
    return std::ranges::any_of(state.projects, [&](const Project& project) { return project.id.text == id; });
}

bool has_organization(const State& state, const std::string& name) {
    return std::ranges::any_of(state.projects,
                               [&](const Project& project) { return organization_of_slug(project.slug) == name; });
}

bool is_owner(const State& state, const SecretPlace& place) {
    switch (place.kind) {
        case SecretKind::context_variable:
            return state.contexts.contains(ContextId{place.owner});
        case SecretKind::registry_login:
            return has_organization(state, place.owner);
        case SecretKind::project_variable:
        case SecretKind::ssh_key:
        case SecretKind::checkout_key:
            return has_project(state, place.owner);
    }
    return false;
}

}  // namespace

Result<void> MemorySecretStore::put(const StoredSecret& secret, int most) {
    return trouble_.around("secrets.put", [&]() -> Result<void> {
        auto state = state_.lock();
        if (!is_owner(*state, secret.place)) return not_found("there is no such owner");
        const auto others = std::ranges::count_if(state->secrets, [&](const auto& one) {
            return one.first.kind == secret.place.kind && one.first.owner == secret.place.owner &&
                   one.first.name != secret.place.name;
        });
        if (others >= most)
            return too_large("there are " + std::to_string(most) + " already, which is the limit: remove one first");
        auto& stored = state->secrets.try_emplace(secret.place, secret).first->second;
        const auto created_at = stored.created_at;
        stored = secret;
        stored.created_at = created_at;
        return {};
    });
}

Result<bool> MemorySecretStore::remove(const SecretPlace& place) {
    return trouble_.around("secrets.remove", [&]() -> Result<bool> { return state_.lock()->secrets.erase(place) > 0; });
}

Result<std::vector<StoredSecret>> MemorySecretStore::of(SecretKind kind, const std::string& owner) {
    return trouble_.around("secrets.of", [&]() -> Result<std::vector<StoredSecret>> {
        std::vector<StoredSecret> found;
        for (const auto& [place, secret] : state_.lock()->secrets) {
            if (place.kind == kind && place.owner == owner) found.push_back(secret);
        }
        return found;
    });
}

Result<std::vector<std::string>> MemorySecretStore::keys() {
    return trouble_.around("secrets.keys", [&]() -> Result<std::vector<std::string>> {
        std::set<std::string> keys;
        for (const auto& [place, secret] : state_.lock()->secrets) keys.insert(secret.key);
        return std::vector(keys.begin(), keys.end());
    });
}

Result<std::vector<StoredSecret>> MemorySecretStore::not_sealed_with(const std::string& key, int at_most) {
    return trouble_.around("secrets.not_sealed_with", [&]() -> Result<std::vector<StoredSecret>> {
        std::vector<StoredSecret> found;
        for (const auto& [place, secret] : state_.lock()->secrets) {
            if (secret.key != key && std::ssize(found) < at_most) found.push_back(secret);
        }
        return found;
    });
}

Result<bool> MemorySecretStore::seal_again(const StoredSecret& was, const std::string& key, const std::string& sealed) {
    return trouble_.around("secrets.seal_again", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto found = state->secrets.find(was.place);
        if (found == state->secrets.end() || found->second.sealed != was.sealed) return false;
        found->second.key = key;
        found->second.sealed = sealed;
        return true;
    });
}

Result<bool> MemorySecretStore::given_to_forks(const ProjectId& project) {
    return trouble_.around("secrets.given_to_forks", [&]() -> Result<bool> {
        return state_.lock()->projects_that_trust_forks.contains(project);
    });
}

Result<void> MemorySecretStore::give_to_forks(const ProjectId& project, bool given) {
    return trouble_.around("secrets.give_to_forks", [&]() -> Result<void> {
        auto state = state_.lock();
        if (!has_project(*state, project.text)) return not_found("there is no such project");
        if (given) {
            state->projects_that_trust_forks.insert(project);
        } else {
            state->projects_that_trust_forks.erase(project);
        }
        return {};
    });
}

}  // namespace gyre::memory
