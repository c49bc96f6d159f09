#pragma once

// What this machine offers to jobs: its CPUs and memory (as far as this process may use them) less a reserve.

#include "model/resource_class.h"

namespace gyre::adapters {

Resources machine_resources();

// Never below one CPU and 512 MB, so that something can run on any machine.
Resources offered_resources(const Resources& machine, const Resources& reserve);

}  // namespace gyre::adapters
