#include "apps/gyre/housekeeping.h"

#include <sys/statvfs.h>

#include "base/log.h"

namespace gyre::apps {

output::SweepRules sweep_rules(const ServerSettings& settings) {
    output::SweepRules rules;
    rules.limits = {.of_project = settings.cache_limit_mb << 20, .in_all = settings.cache_total_mb << 20};
    rules.least_free = settings.cache_least_free_mb << 20;
    rules.for_replay = std::chrono::hours(24 * settings.replay_days);
    return rules;
}

std::optional<std::int64_t> free_bytes_of(const std::string& folder) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    return static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
}

void tell(const Result<output::Swept>& swept) {
    if (!swept) {
        log::warn("sweep", "objects that nobody names stay for now: {}", swept.error().message);
    } else if (swept->caches > 0 || swept->blobs > 0) {
        log::info("sweep", "{} caches were dropped, and {} objects removed that nobody names: {} MB", swept->caches,
                  swept->blobs, swept->bytes >> 20);
    }
}

void tell_ended_uploads(const Result<std::int64_t>& ended) {
    if (!ended) {
        log::warn("sweep", "uploads that nobody goes on with are not ended: {}", ended.error().message);
    } else if (*ended > 0) {
        log::info("sweep", "{} uploads were ended that nobody went on with", *ended);
    }
}

void tell(const Result<output::SealedCount>& sealed) {
    if (!sealed) {
        log::warn("output", "the output of ended jobs stays unsealed for now: {}", sealed.error().message);
    } else if (sealed->outputs > 0) {
        log::debug("output", "sealed {} outputs: {} kB became {} kB", sealed->outputs, sealed->bytes >> 10,
                   sealed->stored >> 10);
    }
}

}  // namespace gyre::apps
