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

    // A look at the others begins, once we have said ourselves that we live, and ends. After a pause between two looks
    // that was longer than that nobody is known to have been silent: others may not have been able to say it either.
    // How long a look takes does not matter.
    void begin(Instant now, std::chrono::milliseconds longest_pause);
    void end(Instant now) { ended_ = now; }

    // All that there are; those that are not among them are forgotten.
    void see(const std::vector<sql::KnownServer>& servers, Instant now);
    // By name, those of whom nothing new was seen for so long.
    std::vector<std::string> silent_for(std::chrono::milliseconds silence, Instant now) const;

private:
    struct Sign {
        Timestamp seen_at;
        Instant heard;  // when we saw it first
    };
    std::map<std::string, Sign> signs_;
    Instant ended_{};  // the last look
};

}  // namespace gyre::apps
