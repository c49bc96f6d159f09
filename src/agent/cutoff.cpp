#include "agent/cutoff.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace gyre::agent {

Cutoff::Cutoff(const JobControl& control)
    : cut_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), event_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (const int source : {cut_.get(), control.stop_event()}) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        if (::epoll_ctl(event_.get(), EPOLL_CTL_ADD, source, &wanted) != 0) std::abort();  // no descriptors left
    }
}

void Cutoff::cut() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(cut_.get(), &one, sizeof one);
}

bool Cutoff::has_come() const {
    pollfd one{event_.get(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
}

}  // namespace gyre::agent
