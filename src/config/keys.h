#pragma once

// The language as tables: for each kind of mapping its keys, what their values look like, since which version, and
// whether they are of any use. Checks, suggestions and (later) the JSON schema come from here.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gyre::config {

// What a value may be; several may be combined.
using Shapes = unsigned;
namespace shape {
inline constexpr Shapes text = 1;     // any scalar, kept as written
inline constexpr Shapes boolean = 2;  // true/false, yes/no, on/off
inline constexpr Shapes integer = 4;
inline constexpr Shapes mapping = 8;
inline constexpr Shapes list = 16;
inline constexpr Shapes nothing = 32;  // the key without a value means the same as no key
}  // namespace shape

// "text or a list"
std::string describe(Shapes shapes);

enum class Since { v2, v2_1 };

enum class Standing {
    supported,
    deprecated,  // works; a warning says what to write instead
    ignored,     // accepted for the sake of existing configs; a warning says that it does nothing
};

struct MappingSpec;

struct KeySpec {
    std::string_view name;
    Shapes shapes = shape::text;
    Since since = Since::v2;
    Standing standing = Standing::supported;
    bool required = false;
    std::string_view advice = {};        // for deprecated and ignored keys: why, and what to do
    const MappingSpec* inner = nullptr;  // of the value where it is a mapping, or of the items where it is a list
    bool vital = false;                  // without it something else runs, or nothing: a mistyped one is an error
};

// Where real configs have keys that nothing knows, and work: a warning says that they do nothing.
enum class Lenient { never, in_2_0, always };

// Of one kind of mapping. Readers have a bit for each key.
inline constexpr std::size_t most_keys = 64;
struct KeyTable : std::span<const KeySpec> {
    constexpr KeyTable() = default;
    template <std::size_t N>
    constexpr KeyTable(const std::array<KeySpec, N>& keys) : std::span<const KeySpec>(keys) {
        static_assert(N <= most_keys);
    }
};

struct MappingSpec {
    std::string_view name;  // as it reads in a sentence: "a job"
    KeyTable keys;
    bool open = false;  // other keys are allowed and mean nothing
    Lenient lenient = Lenient::never;

    const KeySpec* find(std::string_view key) const;
};

namespace keys {
extern const MappingSpec top_level, job, docker_entry, docker_auth, machine, macos;
extern const MappingSpec parameter, command, executor, orb, matrix, matches;
extern const MappingSpec workflow, workflow_job, job_group, group_entry, filters, ref_filter, trigger, schedule,
    schedule_filters;
}  // namespace keys

}  // namespace gyre::config
