#include "adapters/memory/project_store.h"

#include <algorithm>

namespace gyre::memory {
namespace {

Result<void> check_slug(const State& state, const Project& project) {
    for (const auto& other : state.projects) {
        if (other.slug == project.slug && other.id != project.id) {
            return conflict("the project " + project.slug + " exists already");
        }
    }
    return {};
}

Project* find(State& state, const ProjectId& id) {
    const auto found = std::ranges::find(state.projects, id, &Project::id);
    return found == state.projects.end() ? nullptr : &*found;
}

Result<void> insert(State& state, const Project& project) {
    GYRE_TRY(check_slug(state, project));
    if (memory::find(state, project.id)) return conflict("the project " + project.slug + " exists already");
    state.projects.push_back(project);
    return {};
}

}  // namespace

Result<void> MemoryProjectStore::add(const Project& project) {
    return trouble_.around("project_store.add", [&] { return insert(*state_.lock(), project); });
}

Result<void> MemoryProjectStore::add_with_refs(const Project& project, const std::map<std::string, std::string>& refs) {
    return trouble_.around("project_store.add_with_refs", [&]() -> Result<void> {
        auto state = state_.lock();
        GYRE_TRY(insert(*state, project));
        state->refs[project.id] = refs;
        state->looked_at.insert(project.id);
        return {};
    });
}

Result<Project> MemoryProjectStore::change(const ProjectId& id, const ProjectChange& change) {
    return trouble_.around("project_store.change", [&]() -> Result<Project> {
        auto state = state_.lock();
        auto* stored = memory::find(*state, id);
        if (!stored) return not_found("there is no project " + id.text);
        Project changed = *stored;
        changed.slug = change.slug.value_or(changed.slug);
        changed.remote = change.remote.value_or(changed.remote);
        changed.default_branch = change.default_branch.value_or(changed.default_branch);
        changed.poll = change.poll.value_or(changed.poll);
        changed.auto_cancel = change.auto_cancel.value_or(changed.auto_cancel);
        GYRE_TRY(check_slug(*state, changed));
        return *stored = changed;
    });
}

Result<Project> MemoryProjectStore::by_slug(const std::string& slug) {
    return trouble_.around("project_store.by_slug", [&]() -> Result<Project> {
        auto state = state_.lock();
        const auto found = std::ranges::find(state->projects, slug, &Project::slug);
        if (found == state->projects.end()) return not_found("there is no project " + slug);
        return *found;
    });
}

Result<Project> MemoryProjectStore::by_id(const ProjectId& id) {
    return trouble_.around("project_store.by_id", [&]() -> Result<Project> {
        auto state = state_.lock();
        if (const auto* found = memory::find(*state, id)) return *found;
        return not_found("there is no project " + id.text);
    });
}

Result<std::vector<Project>> MemoryProjectStore::all() {
    return trouble_.around("project_store.all", [&]() -> Result<std::vector<Project>> {
        auto projects = state_.lock()->projects;
        std::ranges::sort(projects, {}, &Project::slug);
        return projects;
    });
}

Result<void> MemoryTokenStore::add(const std::string& sha256_hex, const Token& token) {
    return trouble_.around("token_store.add", [&]() -> Result<void> {
        if (!state_.lock()->tokens.try_emplace(sha256_hex, token).second) return conflict("the token exists already");
        return {};
    });
}

Result<std::optional<Token>> MemoryTokenStore::find(const std::string& sha256_hex) {
    return trouble_.around("token_store.find", [&]() -> Result<std::optional<Token>> {
        auto state = state_.lock();
        const auto found = state->tokens.find(sha256_hex);
        return found == state->tokens.end() ? std::nullopt : std::optional(found->second);
    });
}

Result<bool> MemoryTokenStore::empty() {
    return trouble_.around("token_store.empty", [&]() -> Result<bool> { return state_.lock()->tokens.empty(); });
}

Result<void> MemoryTokenStore::set_hook_token(const ProjectId& project, const std::string& sha256_hex, Timestamp) {
    return trouble_.around("token_store.set_hook_token", [&]() -> Result<void> {
        state_.lock()->hook_tokens[project] = sha256_hex;
        return {};
    });
}

Result<void> MemoryTokenStore::end_hook_token(const ProjectId& project) {
    return trouble_.around("token_store.end_hook_token", [&]() -> Result<void> {
        state_.lock()->hook_tokens.erase(project);
        return {};
    });
}

Result<std::string> MemoryTokenStore::hook_token(const ProjectId& project) {
    return trouble_.around("token_store.hook_token", [&]() -> Result<std::string> {
        auto state = state_.lock();
        const auto found = state->hook_tokens.find(project);
        return found == state->hook_tokens.end() ? std::string() : found->second;
    });
}

}  // namespace gyre::memory
