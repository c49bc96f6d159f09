#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/fd_message.h"
#include "base/log.h"
#include "base/nursery.h"

// The end of the program that is copied.

namespace gyre {
namespace {

// Of a file that is not there: what runs goes on.
struct stat facts_of(const char* path) {
    struct stat facts {};
    if (::stat(path, &facts) != 0) facts.st_ino = 0;
    return facts;
}

bool is_replaced(const struct stat& before, const struct stat& now) {
    if (now.st_ino == 0) return false;
    return before.st_ino != now.st_ino || before.st_dev != now.st_dev || before.st_size != now.st_size ||
           before.st_mtim.tv_sec != now.st_mtim.tv_sec || before.st_mtim.tv_nsec != now.st_mtim.tv_nsec;
}

void bury(const Fd& signals) {
    signalfd_siginfo ignored{};
    [[maybe_unused]] const auto got = ::read(signals.get(), &ignored, sizeof ignored);
    int status = 0;
    while (true) {
        const pid_t process = ::waitpid(-1, &status, WNOHANG);
        if (process <= 0) return;
        if (WIFSIGNALED(status)) log::warn("nursery", "process {} was killed by signal {}", process, WTERMSIG(status));
    }
}

Result<void> tell(int socket, pid_t copy) {
    if (copy < 0) return send_message(socket, errno_error("copying a process").message, {});
    const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, copy, 0)));
    const auto told = pidfd ? send_message(socket, std::to_string(copy), std::array{pidfd.get()})
                            : send_message(socket, errno_error("opening a copied process").message, {});
    if (!pidfd || !told) ::kill(copy, SIGKILL);  // nobody knows of it
    return told;
}

class Copied {
public:
    Copied(int socket, char** argv) : socket_(socket), argv_(argv), program_(facts_of(argv[0])) {
        sigemptyset(&ends_);
        sigaddset(&ends_, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &ends_, nullptr);
        signals_ = Fd(::signalfd(-1, &ends_, SFD_CLOEXEC | SFD_NONBLOCK));
    }

    // The secret of a copy, in which it returns.
    std::string run() {
        while (true) {
            std::array<pollfd, 2> waits{{{signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
            if (::poll(waits.data(), waits.size(), -1) < 0) continue;
            if (waits[0].revents != 0) bury(signals_);
            if (waits[1].revents == 0) continue;
            if (auto secret = answer()) return std::move(*secret);
        }
    }

private:
    std::optional<std::string> answer() {
        if (is_replaced(program_, facts_of(argv_[0]))) become_the_new_one();
        auto question = receive_message(socket_.get(), longest_secret_of_a_copy);
        if (!question && question.error().fault == Fault::not_found) return std::nullopt;
        if (!question) std::_Exit(0);  // nobody asks any more
        const pid_t copy = ::fork();
        if (copy == 0) {
            be_a_process_of_its_own();
            return std::move(question->text);
        }
        if (const auto told = tell(socket_.get(), copy); !told) log::warn("nursery", "{}", told.error().message);
        return std::nullopt;
    }

    // It reads the question. Should it not start, whoever asks hears the end of the socket.
    void become_the_new_one() {
        ::sigprocmask(SIG_UNBLOCK, &ends_, nullptr);
        ::execv(argv_[0], argv_);
        ::sigprocmask(SIG_BLOCK, &ends_, nullptr);
    }

    void be_a_process_of_its_own() {
        ::setsid();
        signals_.reset();
        socket_.reset();
        ::sigprocmask(SIG_UNBLOCK, &ends_, nullptr);
    }

    Fd socket_;
    Fd signals_;
    sigset_t ends_{};
    char** argv_;
    struct stat program_;
};

}  // namespace

std::string be_copied(int socket, char** argv) { return Copied(socket, argv).run(); }

}  // namespace gyre
