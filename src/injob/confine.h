#pragma once

// What a sandbox that shares the host's network has to forbid beside: the abstract unix sockets of the host, which
// belong to the network and to no file system, and so stay in reach of every job (Landlock scopes, Linux 6.12).

namespace gyre::injob {

// From here on, this process and its children reach only abstract sockets of their own. False where the kernel cannot;
// needs no_new_privs.
bool confine_abstract_sockets();

}  // namespace gyre::injob
