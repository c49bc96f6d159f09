#include "adapters/memory/push_store.h"

#include <limits>

namespace gyre::memory {
namespace {

std::int64_t newest_of(const State& state, const ProjectId& project) {
    const auto behind = state.pushes.upper_bound({project, std::numeric_limits<std::int64_t>::max()});
    if (behind == state.pushes.begin()) return 0;
    const auto& [key, push] = *std::prev(behind);
    return key.first == project ? key.second : 0;
}

void put_ref(State& state, const PushChange& change) {
    auto& refs = state.refs[change.project];
    refs.erase(change.ref);
    if (!change.revision.empty()) refs[change.ref] = change.revision;
}

// How to undo a change that is about to be made.
std::function<void(State&)> undo_of(const State& state, const PushChange& change) {
    std::vector<StoredPush> before;
    for (const auto& push : change.pushes) {
        const auto known = state.pushes.find({push.project, push.number});
        if (known != state.pushes.end()) before.push_back(known->second);
    }
    const auto refs = state.refs.find(change.project);
    const auto known = refs == state.refs.end() ? std::map<std::string, std::string>{} : refs->second;
    return [=, project = change.project, newest = newest_of(state, change.project)](State& then) {
        then.pushes.erase({project, newest + 1});
        for (const auto& push : before) then.pushes[{push.project, push.number}] = push;
        then.refs[project] = known;
    };
}

}  // namespace

Result<std::int64_t> MemoryPushStore::newest(const ProjectId& project) {
    return trouble_.around("push_store.newest",
                           [&]() -> Result<std::int64_t> { return newest_of(*state_.lock(), project); });
}

Result<std::optional<std::map<std::string, std::string>>> MemoryPushStore::seen_refs(const ProjectId& project) {
    using Refs = std::optional<std::map<std::string, std::string>>;
    return trouble_.around("push_store.seen_refs", [&]() -> Result<Refs> {
        auto state = state_.lock();
        if (!state->looked_at.contains(project)) return Refs();
        return Refs(state->refs[project]);
    });
}

Result<void> MemoryPushStore::remember_refs(const ProjectId& project, const std::map<std::string, std::string>& refs) {
    return trouble_.around("push_store.remember_refs", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& [ref, revision] : refs) state->refs[project][ref] = revision;
        state->looked_at.insert(project);
        return {};
    });
}

Result<RefTrail> MemoryPushStore::trail(const ProjectId& project, const std::string& ref, const std::string& delivery) {
    return trouble_.around("push_store.trail", [&]() -> Result<RefTrail> {
        auto state = state_.lock();
        RefTrail trail;
        const auto& refs = state->refs[project];
        if (const auto seen = refs.find(ref); seen != refs.end()) trail.revision = seen->second;
        for (const auto& [key, push] : state->pushes) {
            if (push.project != project || push.ref != ref) continue;
            if (push.counted) trail.recent.insert(trail.recent.begin(), push);
            if (!push.counted) trail.uncounted.push_back(push);
            if (!delivery.empty() && push.delivery == delivery) trail.delivered = push;
        }
        if (trail.recent.size() > most_recent_pushes) trail.recent.resize(most_recent_pushes);
        while (trail.uncounted.size() > most_uncounted_pushes) trail.uncounted.erase(trail.uncounted.begin());
        return trail;
    });
}

Result<bool> MemoryPushStore::commit(const PushChange& change) {
    return trouble_.around("push_store.commit", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto newest = newest_of(*state, change.project);
        if (newest != change.newest) return false;
        state->not_durable_yet.push_back(undo_of(*state, change));
        for (StoredPush push : change.pushes) {
            if (push.number == 0) push.number = newest + 1;
            state->pushes[{push.project, push.number}] = push;
        }
        put_ref(*state, change);
        return true;
    });
}

Result<std::vector<StoredPush>> MemoryPushStore::open(const ProjectId& project) {
    return trouble_.around("push_store.open", [&]() -> Result<std::vector<StoredPush>> {
        auto state = state_.lock();
        std::vector<StoredPush> open;
        for (const auto& [key, push] : state->pushes) {
            if (push.project == project && push.open && open.size() < 1000) open.push_back(push);
        }
        return open;
    });
}

Result<void> MemoryPushStore::close(const ProjectId& project, std::int64_t number, const PipelineId& pipeline,
                                    const std::string& note) {
    return trouble_.around("push_store.close", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto found = state->pushes.find({project, number});
        if (found == state->pushes.end()) return {};
        state->not_durable_yet.emplace_back([before = found->second](State& then) {
            then.pushes[{before.project, before.number}] = before;
        });
        found->second.open = false;
        found->second.pipeline = pipeline;
        found->second.note = note;
        return {};
    });
}

}  // namespace gyre::memory
