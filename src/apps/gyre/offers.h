#pragma once

// What this machine can run jobs with, as agents of this user find it.

#include <chrono>
#include <string>
#include <vector>

#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// A sentence for the executor that jobs with images get here, then one for each other: why not that one; then what
// told_layers() says of the engine. Of an engine that is connected to and says nothing for so long, that alone:
// whatever else asks it would wait for minutes.
std::vector<std::string> told_executors(const ServerSettings& settings,
                                        std::chrono::milliseconds patience = std::chrono::seconds{5});

// How jobs in containers get faster on that engine's disk, `store` being its data (agent/spread_directory.h says why).
// Empty where nothing is to be done, or nothing can be seen.
std::string told_layers(const std::string& store);

// Of GPUs: which ones jobs can have here, or why none.
std::string told_gpus(const ServerSettings& settings);

// `unavailable` when the settings name a container engine that does not answer now: its jobs would fail.
Result<void> check_named_engine(const ServerSettings& settings);

}  // namespace gyre::apps
