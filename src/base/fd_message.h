#pragma once

// Messages over a unix socket that keeps their bounds (SOCK_SEQPACKET, SOCK_DGRAM), with descriptors that go along
// (SCM_RIGHTS, unix(7)). Thread-safe as the socket is.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre {

inline constexpr std::size_t most_fds_of_a_message = 8;

struct FdMessage {
    std::string text;
    std::vector<Fd> fds;
};

// Errors: invalid (no text, or too many descriptors), unavailable (the other end is gone, or takes nothing).
Result<void> send_message(int socket, std::string_view text, std::span<const int> fds);

// The next message; text beyond `longest` bytes and descriptors beyond the most of a message are dropped. The
// descriptors are closed by exec. Errors: not_found (there is none now; where the socket does not wait), unavailable
// (the other end is gone). A message without text cannot be told from that, and its descriptors are closed.
Result<FdMessage> receive_message(int socket, std::size_t longest, int flags = 0);

}  // namespace gyre
