#pragma once

// How the other tasks of an attempt's job stand: what a `deploy` step waits for.

#include <boost/describe.hpp>

#include <vector>

namespace gyre::wire {

struct OtherTasks {
    int queued = 0;           // that have no machine now
    int running = 0;          // that have one
    std::vector<int> failed;  // their indexes; what ended otherwise than well
};
BOOST_DESCRIBE_STRUCT(OtherTasks, (), (queued, running, failed))

}  // namespace gyre::wire
