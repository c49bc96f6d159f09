#pragma once

// What the jobs of a setup workflow show to hand over the config of their pipeline: unguessable without the server's
// secret, and good for one pipeline. It is derived, so it is stored nowhere; that it counts once, and for how long, is
// the conductor's to see to.

#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace gyre {

std::string continuation_key(const std::string& secret, const PipelineId& pipeline);

// The pipeline that the key is for; nothing for any other text. Takes the same time for all wrong keys of a pipeline.
std::optional<PipelineId> pipeline_of_key(const std::string& secret, std::string_view key);

}  // namespace gyre
