#pragma once

// What survives `kill -9`: a child process works and reports over a pipe what was acknowledged to it; the parent kills
// it after a number of reports, at whatever it is doing then.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace gyre::contract {

// Calls act(1), act(2), ... in a child process, each answering whether the work of that number was acknowledged, and
// kills it after `reports` acknowledgements. Answers the highest number acknowledged; -1 if the child ended by itself.
inline int acknowledged_until_killed(int reports, const std::function<bool(int number)>& act) {
    int ends[2];
    if (::pipe(ends) != 0) return -1;
    const pid_t child = ::fork();
    if (child == 0) {
        for (int number = 1; act(number); ++number) {
            if (::write(ends[1], &number, sizeof number) != sizeof number) break;
        }
        ::_exit(1);
    }
    ::close(ends[1]);
    int highest = 0;
    int number = 0;
    bool killed = false;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
        highest = number;
        if (number == reports) killed = ::kill(child, SIGKILL) == 0;
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return killed && WIFSIGNALED(status) ? highest : -1;
}

}  // namespace gyre::contract
