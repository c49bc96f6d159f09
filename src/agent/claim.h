#pragma once

// How an agent that waits for work gets it, or learns that there is none for it.

#include <optional>
#include <string>

#include "base/http_client.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

struct ClaimSettings {
    http::Endpoint server;
    std::string launch_key;
    std::string client;
    int wait_ms = 20'000;
    int leash = -1;  // a descriptor; readable: nobody wants this agent any more (leash.h, dismissal.h)
};

// Blocks until the server gives work. Nothing when this agent shall exit: the server said so, is not there at the first
// contact, stays away too long to be waited for, or the
// leash says that nobody wants it any more.
std::optional<wire::Assignment> claim(const ClaimSettings& settings);

}  // namespace gyre::agent
