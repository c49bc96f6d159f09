#pragma once

// Canceling what waits, for `gyre cancel --queued`.

#include <string>

#include "apps/gyre/cli.h"

namespace gyre::apps {

struct QueuedChoice {  // empty: all
    std::string project;
    std::string branch;
    std::string resource_class;
    bool yes = false;  // do not ask a person
};

Result<int> cancel_queued(const Cli& cli, const QueuedChoice& choice);

}  // namespace gyre::apps
