#pragma once

// What a server does with its objects and outputs from time to time (paced_work.h): what the settings say about it, and
// what its log tells of it.

#include <optional>
#include <string>

#include "apps/gyre/settings.h"
#include "output/sealer.h"
#include "output/sweep.h"

namespace gyre::apps {

output::SweepRules sweep_rules(const ServerSettings& settings);
// On the file system of `folder`; nothing where it cannot be asked.
std::optional<std::int64_t> free_bytes_of(const std::string& folder);

void tell(const Result<output::Swept>& swept);
void tell_ended_uploads(const Result<std::int64_t>& ended);
void tell(const Result<output::SealedCount>& sealed);

}  // namespace gyre::apps
