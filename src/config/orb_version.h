#pragma once

// The versions of model/orb_version.h by the names of this module.

#include "model/orb_version.h"

namespace gyre::config {

using gyre::matches;
using gyre::newest;
using gyre::OrbVersion;
using gyre::parse_orb_version;
using gyre::parse_wanted_orb;
using gyre::text_of;
using gyre::WantedLabel;
using gyre::WantedOrb;
using gyre::WantedVersion;

}  // namespace gyre::config
