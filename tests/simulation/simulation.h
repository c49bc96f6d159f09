#pragma once

// Deterministic simulation: the server's own loops in one thread, on simulated time, network, disk and agents, under
// everything that can go wrong. A seed gives the same run. See docs/simulation.md.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/planted.h"
#include "simulation/trace.h"
#include "workflow/check.h"

namespace gyre::simulation {

struct Options {
    Tracing tracing = Tracing::off;
    std::optional<Planted> planted;
};

struct Report {
    std::vector<workflow::Finding> findings;  // empty: all is well
    std::uint64_t trace = 0;                  // what happened, as a number; only when traced
    std::uint64_t happenings = 0;
    Duration simulated{};
    int workflows = 0;
    int attempts = 0;
};

Report simulate(std::uint64_t seed, const Options& options = {});

// "status-is-fold: workflow ...", a line each.
std::string text_of(const std::vector<workflow::Finding>& findings);

}  // namespace gyre::simulation
