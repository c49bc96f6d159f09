#include <fmt/format.h>

#include "agent/packed_tree.h"
#include "agent/steps/keys.h"
#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

// Whether the server holds this very key. A longer key that begins with it may hide it; then storing finds out.
bool is_known(const std::string& key, Job& job) {
    const auto found = keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.find_cache({key}); });
    return found && *found && (*found)->key == key;
}

Result<void> save(const SaveCacheStep& step, const std::string& key, Job& job, StepOutput& output) {
    std::vector<std::string> arguments{"pack", "--root", "/", "--absolute", "--"};
    for (const auto& path : step.paths) arguments.push_back(job.path(path));
    GYRE_TRY_ASSIGN(const SentTree sent, send_tree(job, std::move(arguments)));
    if (!sent.complaints.empty()) output.say(sent.complaints);
    const CacheEntry entry{.key = key, .blob = sent.blob, .size = sent.stored};
    const auto stored = keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.add_cache(entry); });
    if (!stored) return stored.error();
    output.say(*stored ? fmt::format("Stored the cache '{}' ({}, of which {} were new)", key, size_text(sent.stored),
                                     size_text(sent.sent))
                       : fmt::format("Skipped: the cache '{}' exists already", key));
    return {};
}

}  // namespace

StepEnd carry_out(const SaveCacheStep& step, Job& job, const Output& output) {
    const auto key = key_now(step.key, job);
    if (!key) return failed_by(key.error(), job, *output);
    if (is_known(*key, job)) {
        output->say(fmt::format("Skipped: the cache '{}' exists already", *key));
        return {};
    }
    const auto saved = save(step, *key, job, *output);
    if (!saved) return shrugged_off(saved.error().during("the cache was not saved"), job, *output);
    return {};
}

}  // namespace gyre::agent
