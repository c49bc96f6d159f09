#pragma once

// Resource classes: how many CPUs and how much memory a job is promised and limited to (config-language.md section 3).

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
    auto operator<=>(const Resources&) const = default;
    bool fits_in(const Resources& room) const { return millicpus <= room.millicpus && memory_mb <= room.memory_mb; }
    Resources operator+(const Resources& other) const {
        return {millicpus + other.millicpus, memory_mb + other.memory_mb};
    }
    Resources operator-(const Resources& other) const {
        return {millicpus - other.millicpus, memory_mb - other.memory_mb};
    }
};
BOOST_DESCRIBE_STRUCT(Resources, (), (millicpus, memory_mb))

struct ResourceClass {
    std::string_view name;
    Resources resources;
};

enum class ExecutorKind { docker, machine };
constexpr EnumNames<ExecutorKind, 2> enum_names(ExecutorKind) {
    return {{{ExecutorKind::docker, "docker"}, {ExecutorKind::machine, "machine"}}};
}

std::span<const ResourceClass> resource_classes(ExecutorKind kind);
// The class of that name, or nothing. An empty name is the kind's default: docker "medium", machine "medium".
std::optional<Resources> find_resources(ExecutorKind kind, std::string_view name);

}  // namespace gyre
