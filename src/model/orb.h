#pragma once

// Orbs as a server keeps them: releases of a name, of which "1.2.3" never changes and "dev:label" may, and ends after
// 90 days. Which of them a reference means is decided here, for the server and for the command line alike.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/orb_version.h"

namespace gyre {

inline constexpr std::size_t longest_orb_source = 1'000'000;     // bytes
inline constexpr std::size_t longest_orb_name = 64;              // of each of its two parts
inline constexpr Duration dev_orb_life = std::chrono::days{90};  // since it was published last

// One release, without its text.
struct OrbRelease {
    std::string name;     // "acme/tools"
    std::string version;  // "1.2.3" or "dev:label"
    std::string sha256;   // of the text
    std::string published_by;
    Timestamp published_at{};
    std::optional<Timestamp> expires_at;  // of a dev version
    bool operator==(const OrbRelease&) const = default;
};
BOOST_DESCRIBE_STRUCT(OrbRelease, (), (name, version, sha256, published_by, published_at, expires_at))

// An orb that a pipeline's config imported, and which release that was.
struct UsedOrb {
    std::string name;
    std::string asked;    // the version as in the config: "1"
    std::string version;  // "1.2.3"
    std::string sha256;   // of the text
    bool operator==(const UsedOrb&) const = default;
};
BOOST_DESCRIBE_STRUCT(UsedOrb, (), (name, asked, version, sha256))

// `invalid`, with what would be right: "namespace/name" of letters, digits, '-' and '_'.
Result<void> check_orb_name(std::string_view name);
// `invalid` unless it is a version that can be published: "1.2.3" or "dev:label".
Result<void> check_orb_release(std::string_view version);
bool is_dev_version(std::string_view version);

// The newest version first; then dev versions by their label. Without those that have expired.
std::vector<OrbRelease> sorted_releases(std::vector<OrbRelease> releases, Timestamp now);

// The release of the orb `name` that `asked` means ("1.2.3", "1", "volatile", "dev:label"). `releases`: all of that
// orb's, in any order. `not_found` says which there are.
Result<OrbRelease> choose_release(const std::string& name, std::string_view asked,
                                  const std::vector<OrbRelease>& releases, Timestamp now);

}  // namespace gyre
