#pragma once

// May a setup workflow hand over this config now, and what does it hear? A pipeline takes one config, once.

#include "base/result.h"
#include "model/pipeline.h"
#include "ports/front_door.h"

namespace gyre::conductor {

inline constexpr Duration longest_setup = std::chrono::hours{6};  // from the pipeline's beginning

// For a pipeline without a continuation. Errors: conflict (none is awaited, too late), invalid (a parameter is given
// again).
Result<void> check_handover(const Pipeline& pipeline, const HandedOver& handed, Timestamp at);

// For one with a continuation: ok when it is this one and compiled; `invalid` with its diagnostics when it did not;
// `conflict` when it is another.
Result<void> answer_again(const Pipeline& pipeline, const HandedOver& handed);

}  // namespace gyre::conductor
