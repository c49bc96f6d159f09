#include "agent/steps/layer_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace gyre::agent {

LayerFiles::LayerFiles(const wire::Layers& layers) : layers_(layers) {
    for (std::size_t place = 0; place < layers.jobs.size(); ++place) places_[layers.jobs[place].id.text] = place;
}

bool LayerFiles::concurrent(std::size_t one, std::size_t other) const {
    const auto& a = layers_.layers[one];
    const auto& b = layers_.layers[other];
    if (a.job == b.job) return a.task != b.task;
    const auto place_of_a = places_.find(a.job.text);
    const auto place_of_b = places_.find(b.job.text);
    if (place_of_a == places_.end() || place_of_b == places_.end()) return false;
    const auto comes_after = [&](std::size_t later, std::size_t earlier) {
        const auto& after = layers_.jobs[later].after;
        return std::find(after.begin(), after.end(), static_cast<int>(earlier)) != after.end();
    };
    return !comes_after(place_of_a->second, place_of_b->second) && !comes_after(place_of_b->second, place_of_a->second);
}

bool LayerFiles::matters(std::size_t layer) const {
    for (std::size_t other = 0; other < layers_.layers.size(); ++other) {
        if (other != layer && concurrent(layer, other)) return true;
    }
    return false;
}

Result<void> LayerFiles::add(std::size_t layer, std::string_view file) {
    const auto [owner, is_new] = owners_.try_emplace(std::hash<std::string_view>{}(file), layer);
    if (is_new) return {};
    if (concurrent(owner->second, layer)) return conflict(complaint(owner->second, layer, file));
    owner->second = layer;
    return {};
}

std::string LayerFiles::complaint(std::size_t one, std::size_t other, std::string_view file) const {
    const auto& a = layers_.layers[one];
    const auto& b = layers_.layers[other];
    if (a.job == b.job) {
        return fmt::format(
            "copies {} and {} of job '{}' both persisted '{}' to the workspace: give each copy a path of its own, as "
            "with $CIRCLE_NODE_INDEX",
            a.task, b.task, a.job_name, file);
    }
    return fmt::format(
        "jobs '{}' and '{}' both persisted '{}' to the workspace, and neither requires the other: give them different "
        "paths",
        a.job_name, b.job_name, file);
}

}  // namespace gyre::agent
