#include <fmt/format.h>

#include "agent/packed_tree.h"
#include "agent/steps/keys.h"
#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

Result<void> restore(const CacheEntry& entry, Job& job) {
    const Pace pace(job.limits().restore_bytes, std::chrono::milliseconds(job.limits().restore_ms));
    return fetch_tree(
        job, entry.blob,
        {"unpack", "--root", "/", "--absolute", "--staged", "--max-bytes", std::to_string(job.limits().unpacked_bytes),
         "--max-entries", std::to_string(job.limits().entries)},
        pace);
}

// What the server finds, or, of a job that is run again elsewhere, what it found then.
Result<std::optional<CacheEntry>> find(const std::vector<std::string>& keys, Job& job, StepOutput& output) {
    if (job.assignment.replay) {
        for (const auto& then : job.assignment.replay->caches) {
            if (then.step != job.step) continue;
            if (then.keys != keys) output.say("Its keys are others than when the job ran; it gets the same cache");
            return then.found;
        }
    }
    return keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.find_cache(keys); });
}

}  // namespace

StepEnd carry_out(const RestoreCacheStep& step, Job& job, const Output& output) {
    std::vector<std::string> keys;
    for (const auto& text : step.keys) {
        auto key = key_now(text, job);
        if (!key) return failed_by(key.error(), job, *output);
        keys.push_back(std::move(*key));
    }
    const auto found = find(keys, job, *output);
    if (!found) return shrugged_off(found.error().during("looking for a cache"), job, *output);
    job.caches.push_back({.step = job.step, .keys = keys, .found = *found, .restored = false});
    if (!*found) {
        for (const auto& key : keys) output->say(fmt::format("No cache is found for key '{}'", key));
        return {};
    }
    const CacheEntry& entry = **found;
    output->say(
        fmt::format("Found the cache '{}' of {} ({})", entry.key, to_iso(entry.created_at), size_text(entry.size)));
    const auto restored = restore(entry, job);
    if (!restored) return shrugged_off(restored.error().during("the cache was not restored"), job, *output);
    job.caches.back().restored = true;
    output->say("Restored it");
    return {};
}

}  // namespace gyre::agent
