#pragma once

// Orbs as a server has them, asked for over its API.

#include <memory>

#include "apps/gyre/api_client.h"
#include "config/input.h"

namespace gyre::apps {

// Not thread-safe, as the client is not.
config::OrbSource orbs_of_server(std::shared_ptr<ApiClient> client);

// What `first` has not is asked of `second`.
config::OrbSource either(config::OrbSource first, config::OrbSource second);

// "/api/v2/gyre/orbs/acme/tools", of a name that was checked.
std::string orb_address(const std::string& name);

}  // namespace gyre::apps
