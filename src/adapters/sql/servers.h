#pragma once

// Who shares this database. Each server says from time to time that it is there; one that does not for long enough is
// taken for dead, and what it held is given to others. Times are the database's own.
// Only PostgreSQL has more than one server. Thread-safe.

#include <chrono>
#include <string>
#include <vector>

#include "adapters/sql/connections.h"
#include "base/clock.h"

namespace gyre::sql {

struct KnownServer {
    std::string name;
    Timestamp started_at{};
    Timestamp seen_at{};  // by a clock that may be set: another time than before says that it lives, and no more
    std::string signing_key = {};  // the name of what it signs with; empty: it does not say
};

class Servers {
public:
    explicit Servers(Connections& connections) : connections_(connections) {}

    Result<void> arrive(const std::string& name, const std::string& signing_key = "");
    Result<void> say_alive(const std::string& name, const std::string& signing_key = "");
    Result<std::vector<KnownServer>> all();
    // What it was about to do is free for others; it arrives anew if it lives.
    Result<void> forget(const std::string& name);

private:
    Connections& connections_;
};

}  // namespace gyre::sql
