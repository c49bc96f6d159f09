#pragma once

// Following workflows that run in this process, on the terminal, until they are over. The first Ctrl-C (also SIGTERM
// and SIGHUP) cancels them, the second ends the program.

#include <functional>
#include <string>
#include <vector>

#include "apps/gyre/installation.h"
#include "base/result.h"
#include "model/ids.h"

namespace gyre::apps {

void catch_interrupts();  // once, before follow()
bool was_interrupted();

struct Followed {
    bool success = false;
    bool canceled = false;  // by Ctrl-C or another signal
};

// `look` is called whenever something may have changed, until Ctrl-C; its error ends it.
Result<Followed> follow(Installation& installation, const std::vector<WorkflowId>& workflows,
                        const std::function<Result<void>()>& look);

// What an earlier run left when it was killed: its jobs would run on beside ours, unseen. `by`: who says so.
Result<void> cancel_leftovers(Installation& installation, const std::string& by);

// What was given, or else $XDG_CACHE_HOME or ~/.cache, plus /gyre. `invalid`: none of them is there.
Result<std::string> cache_dir_of(const std::string& given);

// The login of who runs this.
std::string who_runs();

}  // namespace gyre::apps
