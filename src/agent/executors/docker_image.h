#pragma once

// Images of containers: what a reference says, what a registry wants to see, and having the image on this machine.
//
// An image that is here is used as it is, except where its tag is `latest` or absent: that one is pulled each time (and
// the one that is here serves when the registry cannot be reached). Errors: `invalid` where the job's author must act
// (no such image, no access, a reference that is none), with the image's name; else `unavailable`.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/executors/engine_client.h"
#include "base/result.h"
#include "model/plan.h"

namespace gyre::agent {

struct ImageReference {
    std::string name;      // with the registry, where one is given
    std::string version;   // a tag or a digest; "latest" when none is given
    std::string registry;  // host[:port]; empty: the engine's default, Docker Hub
    bool by_digest = false;

    std::string text() const { return name + (by_digest ? '@' : ':') + version; }
    bool moves() const { return version == "latest"; }
};
Result<ImageReference> parse_image_reference(std::string_view text);

// `$NAME` and `${NAME}` replaced by the variable's value; a name that is not set is an error.
Result<std::string> expand_variables(std::string_view text, const Environment& variables);
// The value of the X-Registry-Auth header.
std::string registry_auth(const std::string& registry, const std::string& username, const std::string& password);

// What a failed pull means for the job's author; `error` holds a registry's or an engine's words.
Error explain_pull(const std::string& image, const Error& error, bool with_auth);

// `variables` holds what registry credentials may refer to.
Result<ImageFacts> ensure_image(EngineClient& engine, const ContainerSpec& container, const Environment& variables,
                                const std::function<void(std::string_view)>& say);

}  // namespace gyre::agent
