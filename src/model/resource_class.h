#pragma once

// Resource classes: how many CPUs, how much memory and how many GPUs a job is promised and limited to
// (config-language.md section 3).

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/enum_names.h"

namespace gyre {

struct Resources {
    int millicpus = 0;  // 1000 = one CPU
    std::int64_t memory_mb = 0;
    int gpus = 0;  // whole ones, which no two jobs share
    auto operator<=>(const Resources&) const = default;
    bool fits_in(const Resources& room) const {
        return millicpus <= room.millicpus && memory_mb <= room.memory_mb && gpus <= room.gpus;
    }
    Resources operator+(const Resources& other) const {
        return {millicpus + other.millicpus, memory_mb + other.memory_mb, gpus + other.gpus};
    }
    Resources operator-(const Resources& other) const {
        return {millicpus - other.millicpus, memory_mb - other.memory_mb, gpus - other.gpus};
    }
};
BOOST_DESCRIBE_STRUCT(Resources, (), (millicpus, memory_mb, gpus))

struct ResourceClass {
    std::string_view name;
    Resources resources;
};

enum class ExecutorKind { docker, machine };
constexpr EnumNames<ExecutorKind, 2> enum_names(ExecutorKind) {
    return {{{ExecutorKind::docker, "docker"}, {ExecutorKind::machine, "machine"}}};
}

// Those without GPUs.
std::span<const ResourceClass> resource_classes(ExecutorKind kind);
// Those with GPUs, for jobs of either kind.
std::span<const ResourceClass> gpu_classes();
// The class of that name, or nothing. An empty name is the kind's default: docker "medium", machine "medium".
std::optional<Resources> find_resources(ExecutorKind kind, std::string_view name);

}  // namespace gyre
