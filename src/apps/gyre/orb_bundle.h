#pragma once

// Orbs in one file, to carry them to a server that no network reaches. JSON lines in UTF-8: the first is
// {"gyre-orb-bundle":1,"orbs":N}, each of the N others one release:
// {"orb":"acme/tools","version":"1.2.3","sha256":"...","source":"..."}. There are no paths, links or compression in it.
// Pure but for the file that is read.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::apps {

struct BundledOrb {
    std::string name;
    std::string version;
    std::string source;
    bool operator==(const BundledOrb&) const = default;
};

inline constexpr std::size_t most_bundle_bytes = std::size_t{64} << 20;
inline constexpr std::size_t most_bundled_orbs = 10'000;

std::string bundle_head(std::size_t orbs);       // with its line's end
std::string bundle_line(const BundledOrb& orb);  // likewise

// All or nothing. Errors name the line: invalid (no bundle, no name, no version, twice the same, a text that is not
// what sha256 says, fewer or more orbs than the first line says), too_large.
Result<std::vector<BundledOrb>> parse_bundle(std::string_view text);
// `-` is standard input.
Result<std::vector<BundledOrb>> read_bundle(const std::string& path);

// The releases of a directory as --orb-dir takes one: DIR/namespace/name/VERSION.yml. Links are not followed.
Result<std::vector<BundledOrb>> read_orb_directory(const std::string& path);

}  // namespace gyre::apps
