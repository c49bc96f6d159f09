#pragma once

// Where the orbs of configs come from on a server: its own registry.

#include "base/clock.h"
#include "config/input.h"
#include "ports/orb_store.h"

namespace gyre::conductor {

// Both outlive what it answers. Thread-safe as they are.
config::OrbSource registered_orbs(OrbStore& store, const Clock& clock);

}  // namespace gyre::conductor
