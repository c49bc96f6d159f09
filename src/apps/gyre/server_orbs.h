#pragma once

// Orbs as a server has them, asked for over its API.

#include <memory>
#include <optional>

#include "apps/gyre/api_client.h"
#include "config/input.h"

namespace gyre::apps {

// Why the server could not be asked, where it could not: the config is not to blame for it.
using OrbTrouble = std::shared_ptr<std::optional<Error>>;

// Not thread-safe, as the client is not. What is no answer about an orb goes to `trouble`, and no more is asked then.
config::OrbSource orbs_of_server(std::shared_ptr<ApiClient> client, OrbTrouble trouble);

// What `first` has not is asked of `second`.
config::OrbSource either(config::OrbSource first, config::OrbSource second);

// "/api/v2/gyre/orbs/acme/tools", of a name that was checked.
std::string orb_address(const std::string& name);

}  // namespace gyre::apps
