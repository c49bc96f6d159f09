#include "model/job_manifest.h"

#include <algorithm>

#include "base/json.h"

namespace gyre {
namespace {

constexpr std::size_t most_parts = 10'000;  // of each list
constexpr std::size_t deepest = 16;

bool is_blob(std::string_view name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> check_count(std::size_t count, const char* what) {
    if (count <= most_parts) return {};
    return invalid("a manifest has more than " + std::to_string(most_parts) + " " + what);
}

Result<void> check_tree(const std::string& blob, std::int64_t size) {
    if (!is_blob(blob)) return invalid("a manifest names a blob that is none");
    if (size < 0) return invalid("a manifest names a blob of a negative size");
    return {};
}

Result<void> check_caches(const JobManifest& manifest) {
    GYRE_TRY(check_count(manifest.caches.size(), "caches"));
    for (const auto& cache : manifest.caches) {
        if (cache.found) GYRE_TRY(check_tree(cache.found->blob, cache.found->size));
        if (cache.restored && !cache.found) return invalid("a manifest has a cache that was restored and not found");
    }
    return {};
}

Result<void> check_workspace(const AttachedWorkspace& workspace) {
    GYRE_TRY(check_count(workspace.layers.size(), "layers"));
    GYRE_TRY(check_count(workspace.jobs.size(), "upstream jobs"));
    for (const auto& layer : workspace.layers) GYRE_TRY(check_tree(layer.blob, layer.size));
    for (std::size_t place = 0; place < workspace.jobs.size(); ++place) {
        for (const int before : workspace.jobs[place].after) {
            if (before < 0 || static_cast<std::size_t>(before) >= place)
                return invalid("a manifest has upstream jobs in no order that can be");
        }
    }
    return {};
}

Result<void> check(const JobManifest& manifest) {
    if (manifest.version != manifest_version)
        return invalid("the manifest is of version " + std::to_string(manifest.version) + ", and version " +
                       std::to_string(manifest_version) + " is known here");
    GYRE_TRY(check_caches(manifest));
    GYRE_TRY(check_count(manifest.workspaces.size(), "workspaces"));
    for (const auto& workspace : manifest.workspaces) GYRE_TRY(check_workspace(workspace));
    GYRE_TRY(check_count(manifest.images.size(), "images"));
    GYRE_TRY(check_count(manifest.gpus.size(), "GPUs"));
    GYRE_TRY(check_count(manifest.secrets.size(), "secrets"));
    return check_count(manifest.built_in.size(), "variables");
}

}  // namespace

Result<JobManifest> read_manifest(std::string_view text) {
    GYRE_TRY_ASSIGN(auto manifest, from_json_text<JobManifest>(text, {.bytes = largest_manifest, .depth = deepest}));
    GYRE_TRY(check(manifest));
    return manifest;
}

std::vector<std::string> trees_of(const JobManifest& manifest) {
    std::vector<std::string> trees;
    for (const auto& cache : manifest.caches) {
        if (cache.found) trees.push_back(cache.found->blob);
    }
    for (const auto& workspace : manifest.workspaces) {
        for (const auto& layer : workspace.layers) trees.push_back(layer.blob);
    }
    std::sort(trees.begin(), trees.end());
    trees.erase(std::unique(trees.begin(), trees.end()), trees.end());
    return trees;
}

}  // namespace gyre
