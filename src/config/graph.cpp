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

std::vector<bool> reached_from(const Edges& edges, std::size_t job) {
    std::vector<bool> reached(edges.size());
    std::vector<std::size_t> left{job};
    while (!left.empty()) {
        const std::size_t one = left.back();
        left.pop_back();
        if (reached[one]) continue;
        reached[one] = true;
        left.insert(left.end(), edges[one].begin(), edges[one].end());
    }
    return reached;
}

Edges reversed(const Edges& edges) {
    Edges back(edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
        for (const std::size_t required : edges[i]) back[required].push_back(i);
    }
    return back;
}

}  // namespace

std::vector<std::size_t> knot_of(const Edges& edges, std::size_t job) {
    const auto required = reached_from(edges, job);
    const auto waiting = reached_from(reversed(edges), job);
    std::vector<std::size_t> knot;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (required[i] && waiting[i]) knot.push_back(i);
    }
    return knot;
}

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
