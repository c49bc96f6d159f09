#include "agent/leash.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace gyre::agent {

Result<Fd> hold_leash(pid_t parent) {
    Fd leash(static_cast<int>(::syscall(SYS_pidfd_open, parent, 0)));
    const int failed = errno;
    if (::getppid() != parent || (!leash && failed == ESRCH))
        return conflict("the process that it works for has ended");
    if (!leash) return errno_error("watching the process that it works for");
    return leash;
}

Leash::Leash(int leash, JobControl& control) : end_event_(::eventfd(0, EFD_CLOEXEC)) {
    if (leash < 0) return;
    thread_ = std::thread([this, leash, &control] {
        std::array<pollfd, 2> looks{{{leash, POLLIN, 0}, {end_event_.get(), POLLIN, 0}}};
        while (::poll(looks.data(), looks.size(), -1) < 0 && errno == EINTR) {
        }
        if (looks[0].revents != 0) control.stop(StopReason::fenced, "the process that it works for has ended");
    });
}

Leash::~Leash() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(end_event_.get(), &one, sizeof one);
    if (thread_.joinable()) thread_.join();
}

}  // namespace gyre::agent
