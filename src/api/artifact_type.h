#pragma once

// How an artifact may be shown (services.md B.7): a few harmless types as they are, markup and scripts as plain text,
// everything else as a download. Pure.

#include <string>
#include <string_view>

namespace gyre::api {

struct ArtifactType {
    std::string_view content_type;
    bool download = false;
};
ArtifactType artifact_type(std::string_view path);

// The value of a Content-Disposition header for a file of that path.
std::string disposition(const ArtifactType& type, std::string_view path);

}  // namespace gyre::api
