#include <fmt/format.h>

#include "agent/blobs.h"
#include "agent/steps/keys.h"
#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

Result<void> restore(const CacheEntry& entry, Job& job) {
    GYRE_TRY_ASSIGN(const BlobFile blob, download(job, entry.blob));
    return unpack_inside(
        job, blob,
        {"unpack", "--root", "/", "--absolute", "--max-bytes", std::to_string(job.limits().unpacked_bytes),
         "--max-entries", std::to_string(job.limits().entries)});
}

}  // namespace

StepEnd carry_out(const RestoreCacheStep& step, Job& job, const Output& output) {
    std::vector<std::string> keys;
    for (const auto& text : step.keys) {
        auto key = key_now(text, job);
        if (!key) return failed_by(key.error(), job, *output);
        keys.push_back(std::move(*key));
    }
    const auto found = keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.find_cache(keys); });
    if (!found) return shrugged_off(found.error().during("looking for a cache"), job, *output);
    if (!*found) {
        for (const auto& key : keys) output->say(fmt::format("No cache is found for key '{}'", key));
        return {};
    }
    const CacheEntry& entry = **found;
    output->say(
        fmt::format("Found the cache '{}' of {} ({})", entry.key, to_iso(entry.created_at), size_text(entry.size)));
    const auto restored = restore(entry, job);
    if (!restored) return shrugged_off(restored.error().during("the cache was not restored"), job, *output);
    output->say("Restored it");
    return {};
}

}  // namespace gyre::agent
