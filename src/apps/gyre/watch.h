#pragma once

// Following a pipeline to its end over the API: listens to the server's events and looks again when something of it
// changed, so that the end is seen at once and waiting costs nothing.

#include <string>

#include "apps/gyre/api_client.h"

namespace gyre::apps {

enum class Watching { quietly, aloud };

// The exit code: 0 when every workflow succeeded, 1 when one did not or the config has errors (printed when aloud).
Result<int> watch_pipeline(ApiClient& client, const std::string& pipeline, Watching watching);

}  // namespace gyre::apps
