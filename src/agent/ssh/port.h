#pragma once

// The port at which one attempt's SSH listens: the first free one of a range.

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

struct SshPort {
    Fd listener;  // non-blocking
    int number = 0;
};

// `address`: numeric, IPv4 or IPv6; empty: every address of this machine. `unavailable` when none is free; `invalid`
// for an address that is none.
Result<SshPort> take_ssh_port(const std::string& address, int first, int last);

}  // namespace gyre::agent
