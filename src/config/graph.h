#pragma once

// The graph of a workflow, by positions: edges[i] are the jobs that job i requires.

#include <cstddef>
#include <vector>

namespace gyre::config {

using Edges = std::vector<std::vector<std::size_t>>;

// The jobs of one cycle in the order in which they wait for each other; empty when there is none.
std::vector<std::size_t> find_cycle(const Edges& edges);

// The jobs that wait for the job, directly or not, and that it waits for; with the job itself.
std::vector<std::size_t> knot_of(const Edges& edges, std::size_t job);

// A job that was filtered out is dropped from what others require; a job that requires only such jobs is dropped too,
// and so on. `runs` says what the filters let through, and afterwards what is left. No cycles.
void drop_filtered(Edges& edges, std::vector<bool>& runs);

}  // namespace gyre::config
