#pragma once

// What this machine can run jobs with, as agents of this user find it.

#include <chrono>
#include <string>
#include <vector>

#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// A sentence for the executor that jobs with images get here, then one for each other: why not that one. Of an engine
// that is connected to and says nothing for so long, that alone: whatever else asks it would wait for minutes.
std::vector<std::string> told_executors(const ServerSettings& settings,
                                        std::chrono::milliseconds patience = std::chrono::seconds{5});

// Of GPUs: which ones jobs can have here, or why none.
std::string told_gpus(const ServerSettings& settings);

// `unavailable` when the settings name a container engine that does not answer now: its jobs would fail.
Result<void> check_named_engine(const ServerSettings& settings);

}  // namespace gyre::apps
