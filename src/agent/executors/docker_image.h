#pragma once

// Images of containers: what a registry wants to see, and having the image on this machine.
//
// An image that is here is used as it is, except where its tag is `latest` or absent: that one is pulled each time (and
// the one that is here serves when the registry cannot be reached). Errors: `invalid` where the job's author must act
// (no such image, no access, a reference that is none), with the image's name; else `unavailable`.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/executors/engine_client.h"
#include "agent/executors/engine_images.h"
#include "base/result.h"
#include "model/image_reference.h"
#include "model/plan.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

// `$NAME` and `${NAME}` replaced by the variable's value; a name that is not set is an error.
Result<std::string> expand_variables(std::string_view text, const Environment& variables);
// The value of the X-Registry-Auth header.
std::string registry_auth(const std::string& registry, const std::string& username, const std::string& password);

// Whose username and password an image is pulled with.
enum class LoginSource { nobody, config, organization };
struct PullLogin {
    LoginSource source = LoginSource::nobody;
    std::string username = {};
    std::string password = {};
};
// The container's own `auth`, with `variables` in place of their names; or else what its organization has for the
// image's registry, as it is: a `$` in it names nothing.
Result<PullLogin> login_for(const ContainerSpec& container, const ImageReference& image, const Environment& variables,
                            const std::vector<wire::RegistryLogin>& logins);

// What a failed pull means for the job's author; `error` holds a registry's or an engine's words.
Error explain_pull(const std::string& image, const Error& error, LoginSource login);

// `images` keeps it for the job. `variables` and `logins`: see login_for().
Result<ImageFacts> ensure_image(EngineClient& engine, EngineImages& images, const ContainerSpec& container,
                                const Environment& variables, const std::function<void(std::string_view)>& say,
                                const std::vector<wire::RegistryLogin>& logins);

}  // namespace gyre::agent
