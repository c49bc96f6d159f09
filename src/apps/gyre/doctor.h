#pragma once

// Looks an installation over: files and their permissions, free disk, keys, the database and what must always hold in
// it, objects and outputs; and says what jobs can be run with here. Beside a running server it only looks. It repairs
// what it can without guessing, and says what it did; what was lost it cannot bring back.

#include <string>
#include <vector>

#include "apps/gyre/settings.h"
#include "backup/contents.h"
#include "base/result.h"

namespace gyre::apps {

struct Diagnosis {
    std::string rule;         // short and stable: "object-missing"
    std::string sentence;     // what is wrong
    std::string repaired;     // what was done about it; empty: nothing
    bool repairable = false;  // a repair may do something about it
};
struct Examined {
    std::vector<Diagnosis> findings;
    std::vector<std::string> looked_at;  // a few words each: "412 workflows"
    bool running = false;                // a server was at work
    bool clean() const;                  // nothing is wrong any more
    bool repair_would_help() const;
};

// Errors: conflict (repairs were asked for, and a server runs, here or on the same PostgreSQL), not_found (there is no
// installation), unavailable. Of what belongs to another installation, or was restored by half, nothing more is looked
// at, and a repair is a conflict.
Result<Examined> examine_installation(const ServerSettings& settings, bool repair, const backup::Watch& watch);

}  // namespace gyre::apps
