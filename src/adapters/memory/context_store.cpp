#include "adapters/memory/context_store.h"

#include <algorithm>

namespace gyre::memory {
namespace {

std::vector<Context> contexts_of(const State& state, const std::string& organization) {
    std::vector<Context> found;
    for (const auto& [id, stored] : state.contexts) {
        if (stored.context.organization == organization) found.push_back(stored.context);
    }
    std::ranges::sort(found, {}, &Context::name);
    return found;
}

}  // namespace

Result<void> MemoryContextStore::add(const Context& context) {
    return trouble_.around("contexts.add", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto others = contexts_of(*state, context.organization);
        if (std::ssize(others) >= most_contexts) return too_large("an organization may have 500 contexts");
        if (std::ranges::find(others, context.name, &Context::name) != others.end())
            return conflict("there is a context '" + context.name + "' already");
        state->contexts[context.id] = {context, {}};
        return {};
    });
}

Result<bool> MemoryContextStore::remove(const ContextId& id) {
    return trouble_.around("contexts.remove", [&]() -> Result<bool> {
        auto state = state_.lock();
        std::erase_if(state->secrets, [&](const auto& one) {
            return one.first.kind == SecretKind::context_variable && one.first.owner == id.text;
        });
        return state->contexts.erase(id) > 0;
    });
}

Result<std::vector<Context>> MemoryContextStore::of(const std::string& organization) {
    return trouble_.around("contexts.of",
                           [&]() -> Result<std::vector<Context>> { return contexts_of(*state_.lock(), organization); });
}

Result<std::optional<Context>> MemoryContextStore::by_id(const ContextId& id) {
    return trouble_.around("contexts.by_id", [&]() -> Result<std::optional<Context>> {
        auto state = state_.lock();
        const auto found = state->contexts.find(id);
        return found == state->contexts.end() ? std::nullopt : std::optional(found->second.context);
    });
}

Result<std::optional<Context>> MemoryContextStore::by_name(const std::string& organization, const std::string& name) {
    return trouble_.around("contexts.by_name", [&]() -> Result<std::optional<Context>> {
        const auto all = contexts_of(*state_.lock(), organization);
        const auto found = std::ranges::find(all, name, &Context::name);
        return found == all.end() ? std::nullopt : std::optional(*found);
    });
}

Result<void> MemoryContextStore::allow_only(const ContextId& id, const ContextRestriction& restriction) {
    return trouble_.around("contexts.allow_only", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto found = state->contexts.find(id);
        if (found == state->contexts.end()) return not_found("there is no such context");
        if (std::ranges::find(state->projects, restriction.project, &Project::id) == state->projects.end())
            return not_found("there is no such project");
        auto& all = found->second.restrictions;
        if (std::ssize(all) >= most_restrictions) return too_large("a context may have 100 restrictions");
        if (std::ranges::find(all, restriction.project, &ContextRestriction::project) != all.end())
            return conflict("the project is let in already");
        all.push_back(restriction);
        std::ranges::sort(all, {}, &ContextRestriction::project);
        return {};
    });
}

Result<bool> MemoryContextStore::lift(const ContextId& id, const std::string& restriction) {
    return trouble_.around("contexts.lift", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto found = state->contexts.find(id);
        if (found == state->contexts.end()) return false;
        return std::erase_if(found->second.restrictions,
                             [&](const ContextRestriction& one) { return one.id == restriction; }) > 0;
    });
}

Result<std::vector<ContextRestriction>> MemoryContextStore::restrictions(const ContextId& id) {
    return trouble_.around("contexts.restrictions", [&]() -> Result<std::vector<ContextRestriction>> {
        auto state = state_.lock();
        const auto found = state->contexts.find(id);
        return found == state->contexts.end() ? std::vector<ContextRestriction>() : found->second.restrictions;
    });
}

}  // namespace gyre::memory
