#pragma once

// Reading attempt ids back; model/ids.h makes them.

#include <optional>
#include <string_view>

#include "model/event.h"

namespace gyre {

// The attempt that "<job>-<task>-a<number>" names; nothing for another form (the job is any text that is not empty).
std::optional<AttemptRef> parse_attempt_id(std::string_view text);

}  // namespace gyre
