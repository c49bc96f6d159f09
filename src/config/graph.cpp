#include "config/graph.h"

#include <algorithm>

namespace gyre::config {
namespace {

enum class Color { white, grey, black };

struct Visit {
    std::size_t job;
    std::size_t next = 0;  // edge to look at
};

// Depth-first without recursion: a workflow may be one long chain. `done` is called with each job after all that it
// requires. Returns the path to a job that is reached again, that job first and last.
template <typename Done>
std::vector<std::size_t> walk(const Edges& edges, Done done) {
    std::vector<Color> colors(edges.size(), Color::white);
    std::vector<Visit> path;
    for (std::size_t start = 0; start < edges.size(); ++start) {
        if (colors[start] == Color::white) path.push_back({start});
        while (!path.empty()) {
            Visit& visit = path.back();
            colors[visit.job] = Color::grey;
            if (visit.next == edges[visit.job].size()) {
                colors[visit.job] = Color::black;
                done(visit.job);
                path.pop_back();
                continue;
            }
            const std::size_t required = edges[visit.job][visit.next++];
            if (colors[required] == Color::white) path.push_back({required});
            if (colors[required] != Color::grey) continue;
            std::vector<std::size_t> cycle;
            const auto first =
                std::find_if(path.begin(), path.end(), [&](const Visit& one) { return one.job == required; });
            for (auto it = first; it != path.end(); ++it) cycle.push_back(it->job);
            cycle.push_back(required);
            return cycle;
        }
    }
    return {};
}

}  // namespace

std::vector<std::size_t> find_cycle(const Edges& edges) {
    return walk(edges, [](std::size_t) {});
}

void drop_filtered(Edges& edges, std::vector<bool>& runs) {
    const Edges written = edges;
    walk(written, [&](std::size_t job) {
        auto& required = edges[job];
        std::erase_if(required, [&](std::size_t other) { return !runs[other]; });
        if (required.empty() && !written[job].empty()) runs[job] = false;
    });
}

}  // namespace gyre::config
