#include "agent/dismissal.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gyre::agent {
namespace {

void add(const Fd& to, int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (descriptor >= 0) ::epoll_ctl(to.get(), EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

Dismissal::Dismissal(int leash) : either_(::epoll_create1(EPOLL_CLOEXEC)) {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before_);
    told_ = Fd(::signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!told_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);  // it ends this program, as it always would
    add(either_, told_.get());
    add(either_, leash);
}

bool Dismissal::was_told() const {
    pollfd told{told_.get(), POLLIN, 0};
    return ::poll(&told, 1, 0) == 1;
}

// Who was told, and cleans up, is not ended by the same word.
Dismissal::~Dismissal() {
    signalfd_siginfo word{};
    while (::read(told_.get(), &word, sizeof word) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace gyre::agent
