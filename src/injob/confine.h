#pragma once

// What the first process of a job gives up for itself and all others, beside what its box has taken from it. A sandbox
// shares the host's network: its abstract unix sockets belong to that and to no file system, and stay in reach of every
// job until they are forbidden (Landlock scopes, Linux 6.12). Engines differ in the system calls that they refuse.

#include <string>

#include "base/result.h"

namespace gyre::injob {

// From here on, this process and its children are refused the system calls of the filter in `file` (compiled BPF; see
// wire::system_call_filter). The kernel takes filters only with no_new_privs. Where that is not set, a container was
// meant to go without, and keeps `sudo`: nothing is done; unless it is `expected`: then the engine left it out.
// Errors: invalid (no filter), unavailable (it cannot be set).
Result<void> refuse_system_calls(const std::string& file, bool expected);

// From here on, this process and its children reach only abstract sockets of their own. False where the kernel cannot;
// needs no_new_privs.
bool confine_abstract_sockets();

}  // namespace gyre::injob
