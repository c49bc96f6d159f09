#pragma once

// What ran when a snapshot was made runs no more: its agents are of another time, or of another machine.

#include <string>

#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// Ends every live attempt as lost, as the server would after its leases; the next server makes new attempts. `file`: of
// SQLite, where the settings name no other database; `objects`: the directory of the outputs. Answers how many there
// were.
Result<int> end_attempts(const ServerSettings& settings, const std::string& file, const std::string& objects);

}  // namespace gyre::apps
