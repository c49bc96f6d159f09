#pragma once

// A program at a terminal of the job's own, for people who look into it: the terminal is one of the job's /dev/pts, so
// that programs which ask for its name find it.

#include <string>
#include <vector>

namespace gyre::injob {

// To be called in a process that leads a session and whose standard input is a unix socket. Opens a new terminal of
// that size, sends its controlling end through the socket (one byte with SCM_RIGHTS, or a sentence when there is none),
// makes the other end this session's terminal and its standard descriptors, and becomes the program. Returns an exit
// code when that is not possible; what went wrong has been told.
int become_terminal_program(int columns, int rows, const std::vector<std::string>& argv);

}  // namespace gyre::injob
