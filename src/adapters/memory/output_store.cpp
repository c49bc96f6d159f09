#include "adapters/memory/output_store.h"

namespace gyre::memory {
namespace {

Result<void> check(const OutputName& name, std::int64_t offset = 0) {
    if (!is_output_name(name)) return invalid("not the name of a step's output");
    if (offset < 0) return invalid("an offset is not negative");
    return {};
}

Appended store(State& state, const OutputName& name, std::int64_t offset, std::string_view bytes) {
    const auto removed = state.removed_outputs.find({name.attempt, name.step});
    if (removed != state.removed_outputs.end()) return {bytes.empty() && offset == removed->second, removed->second};
    auto& stored = state.outputs[{name.attempt, name.step}];
    const bool accepted = offset == std::ssize(stored);
    if (accepted) stored += bytes;
    return {accepted, std::ssize(stored)};
}

}  // namespace

Result<Appended> MemoryOutputStore::append(const OutputName& name, std::int64_t offset, std::string_view bytes) {
    const auto append_all = [&]() -> Result<Appended> {
        GYRE_TRY(check(name, offset));
        return store(*state_.lock(), name, offset, bytes);
    };
    const auto append_half = [&] { store(*state_.lock(), name, offset, bytes.substr(0, bytes.size() / 2)); };
    return trouble_.around("output_store.append", append_all, append_half);
}

Result<std::int64_t> MemoryOutputStore::length(const OutputName& name) {
    return trouble_.around("output_store.length", [&]() -> Result<std::int64_t> {
        GYRE_TRY(check(name));
        auto state = state_.lock();
        const auto found = state->outputs.find({name.attempt, name.step});
        return found == state->outputs.end() ? 0 : std::ssize(found->second);
    });
}

Result<std::string> MemoryOutputStore::read(const OutputName& name, std::int64_t offset, std::size_t bytes) {
    return trouble_.around("output_store.read", [&]() -> Result<std::string> {
        GYRE_TRY(check(name, offset));
        auto state = state_.lock();
        const auto found = state->outputs.find({name.attempt, name.step});
        if (found == state->outputs.end() || offset >= std::ssize(found->second)) return std::string();
        return found->second.substr(static_cast<std::size_t>(offset), bytes);
    });
}

Result<void> MemoryOutputStore::each(const std::function<Result<void>(const OutputName&)>& visit) {
    std::vector<OutputName> names;
    GYRE_TRY(trouble_.around("output_store.each", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& [name, bytes] : state->outputs) names.push_back({name.first, name.second});
        return {};
    }));
    for (const auto& name : names) GYRE_TRY(visit(name));
    return {};
}

Result<bool> MemoryOutputStore::remove(const OutputName& name, std::int64_t length) {
    return trouble_.around("output_store.remove", [&]() -> Result<bool> {
        GYRE_TRY(check(name));
        auto state = state_.lock();
        const auto found = state->outputs.find({name.attempt, name.step});
        if (found == state->outputs.end()) return true;
        if (std::ssize(found->second) != length) return false;
        state->removed_outputs[found->first] = length;
        state->outputs.erase(found);
        return true;
    });
}

}  // namespace gyre::memory
