#pragma once

// What dispatch last saw of the queue, for people. Thread-safe.

#include <optional>
#include <string>

#include "base/json.h"
#include "model/event.h"

namespace gyre {

struct SeenWait {
    int position = 0;               // in the order, from 1; 0: not known here
    std::optional<int> ahead = {};  // nothing: not known here; else waiting tasks before it; of those over a limit:
                                    // that wait for the same limit
    bool over_limit = false;        // it waits in the usage queue
    std::string reason;             // a sentence
    json::value facts;              // the same for programs: {"no_capacity": {...}}, say
};

struct QueueCounts {
    int run = 0;    // wait for a machine, a turn or a time
    int usage = 0;  // wait for a limit
};

class QueueView {
public:
    virtual ~QueueView() = default;
    virtual std::optional<SeenWait> wait_of(const AttemptRef& attempt) const = 0;
    virtual QueueCounts counts() const = 0;
};

}  // namespace gyre
