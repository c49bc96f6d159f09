#pragma once

// What the attempt tells about what it ran with (model/job_manifest.h): made from its assignment, filled in as it runs,
// and written when it ends.

#include <functional>
#include <string>

#include "model/job_manifest.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

// As far as it is known before anything ran.
JobManifest begin_manifest(const wire::Assignment& assignment);

// The JSON to send, at most largest_manifest bytes; what it would have too many of is left out, and it says so.
// `masked` makes a text one without secrets. Passwords that the config itself holds are left out as well.
std::string manifest_text(JobManifest manifest, const std::function<std::string(const std::string&)>& masked);

}  // namespace gyre::agent
