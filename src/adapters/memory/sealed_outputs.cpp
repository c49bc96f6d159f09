#include "adapters/memory/sealed_outputs.h"

#include <algorithm>

namespace gyre::memory {
namespace {

const Attempt* find_attempt(const State& state, const AttemptRef& ref) {
    const auto* job = state.find_job(ref.job);
    if (!job) return nullptr;
    const auto task = std::ranges::find(job->tasks, ref.task, &Task::index);
    if (task == job->tasks.end()) return nullptr;
    const auto attempt = std::ranges::find(task->attempts, ref.attempt, &Attempt::number);
    return attempt == task->attempts.end() ? nullptr : &*attempt;
}

}  // namespace

Result<std::optional<SealedOutput>> MemorySealedOutputs::find(const OutputName& name) {
    return trouble_.around("sealed_outputs.find", [&]() -> Result<std::optional<SealedOutput>> {
        auto state = state_.lock();
        const auto found = state->sealed_outputs.find({name.attempt, name.step});
        return found == state->sealed_outputs.end() ? std::nullopt : std::optional(found->second);
    });
}

Result<void> MemorySealedOutputs::add(const std::vector<SealedStep>& steps) {
    return trouble_.around("sealed_outputs.add", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& [name, sealed] : steps) {
            if (!find_attempt(*state, name.attempt)) return invalid("there is no attempt " + name.attempt.id().text);
        }
        for (const auto& [name, sealed] : steps) {
            const auto [there, added] = state->sealed_outputs.try_emplace({name.attempt, name.step}, sealed);
            if (!added && there->second.bytes < sealed.bytes) there->second = sealed;
        }
        return {};
    });
}

Result<bool> MemorySealedOutputs::has_ended(const AttemptRef& attempt) {
    return trouble_.around("sealed_outputs.has_ended", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto* found = find_attempt(*state, attempt);
        return found && found->state == AttemptState::finished;
    });
}

}  // namespace gyre::memory
