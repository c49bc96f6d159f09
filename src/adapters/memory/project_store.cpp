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

}  // namespace

Result<void> MemoryProjectStore::add(const Project& project) {
    return trouble_.around("project_store.add", [&]() -> Result<void> {
        auto state = state_.lock();
        GYRE_TRY(check_slug(*state, project));
        if (memory::find(*state, project.id)) return conflict("the project " + project.slug + " exists already");
        state->projects.push_back(project);
        return {};
    });
}

Result<void> MemoryProjectStore::update(const Project& project) {
    return trouble_.around("project_store.update", [&]() -> Result<void> {
        auto state = state_.lock();
        GYRE_TRY(check_slug(*state, project));
        auto* stored = memory::find(*state, project.id);
        if (!stored) return not_found("there is no project " + project.id.text);
        *stored = project;
        return {};
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

Result<std::string> MemoryProjectStore::seen_revision(const ProjectId& project, const std::string& ref) {
    return trouble_.around("project_store.seen_revision", [&]() -> Result<std::string> {
        auto state = state_.lock();
        const auto found = state->seen_revisions.find({project, ref});
        return found == state->seen_revisions.end() ? std::string() : found->second;
    });
}

Result<void> MemoryProjectStore::set_seen_revision(const ProjectId& project, const std::string& ref,
                                                   const std::string& revision) {
    return trouble_.around("project_store.set_seen_revision", [&]() -> Result<void> {
        state_.lock()->seen_revisions[{project, ref}] = revision;
        return {};
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

}  // namespace gyre::memory
