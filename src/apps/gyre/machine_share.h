#pragma once

// What settings mean on this machine: its name among places for jobs, and what of it is whose.

#include <optional>
#include <string>

#include "apps/gyre/settings.h"
#include "model/resource_class.h"
#include "wire/agent_protocol.h"

namespace gyre::apps {

std::string client_of(const ServerSettings& settings);
Resources offered(const ServerSettings& settings);  // to jobs
// The most that a job of this installation can get; nothing: other servers may have more.
std::optional<int> gpus_of_a_job(const ServerSettings& settings);
wire::Limits limits_of(const ServerSettings& settings);
int workers_of(const ServerSettings& settings);  // threads of the web server

}  // namespace gyre::apps
