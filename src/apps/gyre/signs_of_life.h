#pragma once

// Which of the other servers have fallen silent, by this process's own steady time: a server lives as long as the time
// that it last wrote into the database is another than the one seen before. What that time is does not matter, so no
// clock that is set, be it the database's, ends anybody. A silence counts from when we began to listen. Pure; one
// thread.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "adapters/sql/servers.h"

namespace gyre::apps {

class SignsOfLife {
public:
    using Instant = std::chrono::steady_clock::time_point;

    // All that there are; those that are not among them are forgotten. What passed since the look before counts as
    // silence, but no more than `most` of it: while a look or the pause before it took long, others may not have been
    // able to say that they live. Who is dead is found all the same, some looks later.
    void see(const std::vector<sql::KnownServer>& servers, Instant now, std::chrono::milliseconds most);
    // By name, those of whom nothing new was seen for longer than that.
    std::vector<std::string> silent_for(std::chrono::milliseconds silence) const;

private:
    struct Sign {
        Timestamp seen_at;
        Instant::duration silence{};  // since we saw it first
    };
    std::map<std::string, Sign> signs_;
    Instant looked_{};  // last
};

}  // namespace gyre::apps
