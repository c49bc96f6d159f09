#pragma once

// Versions of orbs, and what a reference to an orb asks for:
//
//   1.2.3      that version              1.2, 1     the newest that begins so
//   volatile   the newest of all         dev:label  the development version of that label, which may change
//
// Used by every source of orbs: a directory, a server's registry, a bundle.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace gyre {

struct OrbVersion {
    int major = 0;
    int minor = 0;
    int patch = 0;
    auto operator<=>(const OrbVersion&) const = default;
};

// "1.2.3": three numbers without leading zeros, each up to 999,999,999. Nothing else is a version.
std::optional<OrbVersion> parse_orb_version(std::string_view text);
std::string text_of(const OrbVersion& version);

struct WantedVersion {
    std::vector<int> begins;  // one to three numbers; empty: any will do (`volatile`)
    bool operator==(const WantedVersion&) const = default;
};
struct WantedLabel {
    std::string label;  // "alpha" of "dev:alpha"; letters, digits, '.', '_' and '-', not beginning with '.'
    bool operator==(const WantedLabel&) const = default;
};
using WantedOrb = std::variant<WantedVersion, WantedLabel>;

// What stands behind the '@' of a reference. Anything else is `invalid`, with what would be right.
Result<WantedOrb> parse_wanted_orb(std::string_view text);

bool matches(const WantedVersion& wanted, const OrbVersion& version);
// The newest of those that match; nothing when none does. In any order, repetitions allowed.
std::optional<OrbVersion> newest(const WantedVersion& wanted, const std::vector<OrbVersion>& available);

}  // namespace gyre
