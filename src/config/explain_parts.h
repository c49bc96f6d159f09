#pragma once

// The tables of explain.h, one a group of codes. Only explain.cpp reads them.

#include <span>

#include "config/explain.h"

namespace gyre::config {

std::span<const Explanation> explained_text();        // encodings, YAML, anchors
std::span<const Explanation> explained_language();    // versions, keys, values
std::span<const Explanation> explained_jobs();        // executors, steps
std::span<const Explanation> explained_workflows();   // entries, requirements
std::span<const Explanation> explained_parameters();  // parameters, references, expressions
std::span<const Explanation> explained_reuse();       // commands, executors, orbs, matrices
std::span<const Explanation> explained_unused();      // warnings about what nothing uses
std::span<const Explanation> explained_advice();      // other warnings

}  // namespace gyre::config
