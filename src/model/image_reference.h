#pragma once

// What the name of a container image says, and which registry it lies in. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

inline constexpr std::string_view docker_hub = "docker.io";  // also as index.docker.io, and where no registry is named

struct ImageReference {
    std::string name;      // with the registry, where one is given, in lower case
    std::string version;   // a tag or a digest; "latest" when none is given
    std::string registry;  // host[:port] in lower case; docker_hub where none is given
    bool by_digest = false;

    std::string text() const { return name + (by_digest ? '@' : ':') + version; }
    bool moves() const { return version == "latest"; }
};
// `invalid`, with a sentence for the job's author.
Result<ImageReference> parse_image_reference(std::string_view text);

// The registry that people mean, in the form in which references have it: host[:port], as in the names of its images.
// `invalid` with what to write instead (an address, a path, a host that no image can name), `too_large`.
Result<std::string> parse_registry(std::string_view text);

}  // namespace gyre
