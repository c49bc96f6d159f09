#pragma once

// The limits that the agent sets for its own process, before anything else. The host's programs that it starts inherit
// them.

namespace gyre::agent {

// Open files: as many as allowed, up to 65536 (more makes old programs slow that close them all). Core files: none, as
// the token and the job's secrets are in our memory. Makes room in the table of descriptors, which is dear once there
// are threads.
void set_own_limits();

}  // namespace gyre::agent
