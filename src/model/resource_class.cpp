#include "model/resource_class.h"

#include <array>

namespace gyre {
namespace {

constexpr std::int64_t gigabyte = 1024;  // in MB

constexpr std::array<ResourceClass, 7> docker_classes{{{"small", {1000, 2 * gigabyte}},
                                                       {"medium", {2000, 4 * gigabyte}},
                                                       {"medium+", {3000, 6 * gigabyte}},
                                                       {"large", {4000, 8 * gigabyte}},
                                                       {"xlarge", {8000, 16 * gigabyte}},
                                                       {"2xlarge", {16000, 32 * gigabyte}},
                                                       {"2xlarge+", {20000, 40 * gigabyte}}}};

constexpr std::array<ResourceClass, 5> machine_classes{{{"medium", {2000, 7680}},
                                                        {"large", {4000, 15 * gigabyte}},
                                                        {"xlarge", {8000, 32 * gigabyte}},
                                                        {"2xlarge", {16000, 64 * gigabyte}},
                                                        {"2xlarge+", {32000, 64 * gigabyte}}}};

}  // namespace

std::span<const ResourceClass> resource_classes(ExecutorKind kind) {
    if (kind == ExecutorKind::docker) return docker_classes;
    return machine_classes;
}

std::optional<Resources> find_resources(ExecutorKind kind, std::string_view name) {
    if (name.empty()) name = "medium";
    for (const auto& candidate : resource_classes(kind)) {
        if (candidate.name == name) return candidate.resources;
    }
    return std::nullopt;
}

}  // namespace gyre
