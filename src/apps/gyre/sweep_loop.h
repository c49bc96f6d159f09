#pragma once

// Drops caches that are too many and removes blobs that nobody names, from time to time (output/sweep.h). The first
// time comes a while after the start. Several servers may do it; none waits for another.

#include <functional>
#include <optional>
#include <string>

#include "apps/gyre/settings.h"
#include "base/clock.h"
#include "base/paced_thread.h"
#include "output/sweep.h"
#include "ports/blob_store.h"
#include "ports/keepsakes.h"

namespace gyre::apps {

output::SweepRules sweep_rules(const ServerSettings& settings);
// On the file system of `folder`; nothing where it cannot be asked.
std::optional<std::int64_t> free_bytes_of(const std::string& folder);

class SweepLoop {
public:
    using GoOn = std::function<Result<void>()>;  // an error when the loop is to stop
    // `every`: zero or less: never.
    SweepLoop(std::function<Result<output::Swept>(const GoOn&)> work, Duration every);

    void start();
    void stop() { thread_.stop(); }
    void turn();  // one sweep; the thread calls it

private:
    std::function<Result<output::Swept>(const GoOn&)> work_;
    Duration every_;
    PacedThread thread_;
};

}  // namespace gyre::apps
