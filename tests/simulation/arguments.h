#pragma once

// What `gyre_simulate` is asked to do. Arguments that would run nothing are refused: a run that looked at no seed must
// not look like one that found nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "simulation/planted.h"

namespace gyre::simulation {

struct Wanted {
    std::int64_t first = 1;
    std::int64_t count = 100;  // seeds, at least one
    bool trace = false;
    std::optional<Planted> planted;
    int most_failures = 10;  // at least one: the run stops there
};

// Arguments without the program's name. Nothing: help was asked for, and given. `invalid`: says what is wrong.
Result<std::optional<Wanted>> read_arguments(std::vector<std::string> arguments);

// The command that runs one seed of it again, with its trace.
std::string again(const Wanted& wanted, std::int64_t seed);

}  // namespace gyre::simulation
