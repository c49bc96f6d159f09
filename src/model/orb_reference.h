#pragma once

// An orb with a version of it, as one word: "acme/tools@1.2.3". A config asks with it for what it imports, and a
// release is published under it.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

struct OrbReference {
    std::string name;     // "acme/tools"
    std::string version;  // as written behind the '@'
    bool operator==(const OrbReference&) const = default;
};

// What a config may ask for: "acme/tools@1", "@volatile", "@dev:label". Anything else is `invalid`, with what would be
// right.
Result<OrbReference> parse_orb_reference(std::string_view text);
// What can be published: "acme/tools@1.2.3" or "acme/tools@dev:label"; or `invalid`.
Result<OrbReference> parse_release_reference(std::string_view text);

}  // namespace gyre
