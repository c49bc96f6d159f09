#pragma once

// What a caller did, for the audit log.

#include <string>

#include "api/desk.h"

namespace gyre::api {

// `target`: what it was done to; `scope`: the project's slug, or empty; `payload`: what more there is to say, no
// secret.
Result<void> note(Desk& desk, const Request& request, const std::string& action, const std::string& target,
                  const std::string& scope, json::object payload);

}  // namespace gyre::api
