#pragma once

// The organizations that callers name: they are what the slugs of projects begin with (model/queue_rules.h).

#include <string>

#include "api/desk.h"

namespace gyre::api {

// The organization of some project: "gh/acme", "github/acme", "git"; or its id. Exactly one of both is given. Others
// are typing mistakes: `not_found`.
Result<std::string> organization_named(Desk& desk, const std::string& slug, const std::string& id);
// By ?owner-slug= or ?owner-id=.
Result<std::string> organization_asked_for(Desk& desk, const Request& request);
// By the body's member owner: {slug} or {id}.
Result<std::string> organization_member(Desk& desk, const json::object& body);

}  // namespace gyre::api
