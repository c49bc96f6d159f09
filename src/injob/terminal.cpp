#include "injob/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/argv.h"
#include "base/fd_message.h"
#include "base/result.h"

namespace gyre::injob {
namespace {

constexpr int exit_no_terminal = 126;
constexpr int exit_no_program = 127;
constexpr int most_cells = 10'000;  // in a row or column

struct Terminal {
    Fd controlling;
    Fd program;
};

Result<Terminal> open_terminal(int columns, int rows) {
    Terminal terminal;
    terminal.controlling = Fd(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal.controlling) return errno_error("opening /dev/ptmx in the job");
    int unlocked = 0;
    if (ioctl(terminal.controlling.get(), TIOCSPTLCK, &unlocked) != 0) return errno_error("unlocking a terminal");
    // Unlike its path this needs no /dev/pts at the usual place.
    terminal.program = Fd(ioctl(terminal.controlling.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal.program) return errno_error("opening a terminal");
    winsize size{};
    size.ws_col = static_cast<unsigned short>(std::clamp(columns, 1, most_cells));
    size.ws_row = static_cast<unsigned short>(std::clamp(rows, 1, most_cells));
    ioctl(terminal.controlling.get(), TIOCSWINSZ, &size);
    return terminal;
}

}  // namespace

int become_terminal_program(int columns, int rows, const std::vector<std::string>& argv) {
    auto terminal = open_terminal(columns, rows);
    if (!terminal) {
        (void)send_message(STDIN_FILENO, terminal.error().message, {});
        return exit_no_terminal;
    }
    if (!send_message(STDIN_FILENO, "t", std::array{terminal->controlling.get()})) return exit_no_terminal;
    terminal->controlling.reset();
    for (int number = 0; number < 3; ++number) dup2(terminal->program.get(), number);
    ioctl(STDIN_FILENO, TIOCSCTTY, 0);
    auto words = argv;
    execvp(words.front().c_str(), argv_of(words).data());
    std::fprintf(stderr, "%s: %s\n", words.front().c_str(), std::strerror(errno));
    return exit_no_program;
}

}  // namespace gyre::injob
