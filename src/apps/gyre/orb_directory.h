#pragma once

// Orbs in a directory: DIR/namespace/name/1.2.3.yml and DIR/namespace/name/dev:label.yml, or DIR/namespace/name.yml,
// which answers for every version.

#include <string>

#include "config/input.h"

namespace gyre::apps {

// With an empty `directory` no orb is there, and the answer says how to give one. Reads files when it is asked. Not
// thread-safe.
config::OrbSource orbs_in(const std::string& directory);

}  // namespace gyre::apps
