#pragma once

// Projects as REST v2 shows them, with our own "remote", "default_branch" and "poll" on top.

#include "base/json.h"
#include "model/project.h"

namespace gyre::api {

json::object project_view(const Project& project);

}  // namespace gyre::api
