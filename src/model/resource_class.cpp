#include "model/resource_class.h"

#include <algorithm>
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

// Also by the names that they had before they told the maker.
constexpr std::array<ResourceClass, 9> classes_with_gpus{{{"gpu.nvidia.small", {4000, 15 * gigabyte, 1}},
                                                          {"gpu.nvidia.small.multi", {4000, 15 * gigabyte, 2}},
                                                          {"gpu.nvidia.medium", {8000, 30 * gigabyte, 1}},
                                                          {"gpu.nvidia.medium.multi", {8000, 30 * gigabyte, 4}},
                                                          {"gpu.nvidia.large", {8000, 30 * gigabyte, 1}},
                                                          {"gpu.nvidia.large.multi", {16000, 60 * gigabyte, 4}},
                                                          {"gpu.small", {4000, 15 * gigabyte, 1}},
                                                          {"gpu.medium", {8000, 30 * gigabyte, 1}},
                                                          {"gpu.large", {8000, 30 * gigabyte, 1}}}};

const ResourceClass* named(std::span<const ResourceClass> classes, std::string_view name) {
    const auto found = std::ranges::find(classes, name, &ResourceClass::name);
    return found == classes.end() ? nullptr : &*found;
}

}  // namespace

std::span<const ResourceClass> resource_classes(ExecutorKind kind) {
    if (kind == ExecutorKind::docker) return docker_classes;
    return machine_classes;
}

std::span<const ResourceClass> gpu_classes() { return classes_with_gpus; }

std::optional<Resources> find_resources(ExecutorKind kind, std::string_view name) {
    if (name.empty()) name = "medium";
    for (const auto classes : {resource_classes(kind), gpu_classes()}) {
        if (const auto* found = named(classes, name)) return found->resources;
    }
    return std::nullopt;
}

}  // namespace gyre
