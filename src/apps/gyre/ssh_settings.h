#pragma once

// What SSH into jobs takes from the server's settings. Pure.

#include <string>

#include "apps/gyre/settings.h"
#include "gateway/ssh_desk.h"

namespace gyre::apps {

// Of settings that were loaded, and so have their forms. Where `ssh_listen` is empty, jobs are reached where the web
// server is: at its address; where `ssh_host` is, people are told the host of the base URL, or that address, or (for
// all addresses) the name that the agent's machine has.
gateway::SshSettings ssh_settings(const ServerSettings& settings);

}  // namespace gyre::apps
