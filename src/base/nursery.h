#pragma once

// A process that is copied instead of started: what a program does before its work (the dynamic linker, what its
// libraries do first) is done once, and each further process costs a fork. Whoever asks for copies and the program that
// is copied speak over one socket.
//
// Protocol (SOCK_SEQPACKET; both are programs of one installation, and each message says all that it needs, so that
// there are no versions): a question is the secret that the copy is given; the answer is the copy's process number as
// text with a pidfd of it (fd_message.h), or a sentence that says why there is none.

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre {

inline constexpr std::size_t longest_secret_of_a_copy = 4096;

struct NurseryCommand {
    std::vector<std::string> argv;  // "--nursery-fd 3" is appended; argv[0] is a path
    std::string secret;             // never in arguments or the environment, which others could read
    std::string log_file;           // appended to; opened once, for both output streams of all copies
};

// The end of whoever asks. Not thread-safe. The copies outlive it, and their nursery does not.
class Nursery {
public:
    struct Copy {
        pid_t process = 0;
        Fd pidfd;  // readable once it has ended: it is its nursery's child, not ours
    };

    // Errors: unavailable (the program cannot be started).
    static Result<Nursery> start(const NurseryCommand& command);
    Nursery(Nursery&& other) noexcept;
    Nursery& operator=(Nursery&& other) = delete;
    ~Nursery();

    // A process in a session of its own, without any descriptor of ours but standard input and output. Waits at most
    // for 5 s; for the first one, before which the program gets ready, 30 s. Errors: unavailable (the nursery is gone
    // or does not answer: it is good for nothing any more).
    Result<Copy> copy();

private:
    Nursery(pid_t process, Fd socket, std::string secret);

    pid_t process_;
    Fd socket_;
    std::string secret_;
    bool has_answered_ = false;
};

// The end of the program that is copied, which must have one thread and nothing open that two may not share. Returns in
// each copy, with its secret. In the process itself it does not return: that exits when nobody can ask any more. When
// the file argv[0] was replaced, it becomes the new program before the next copy.
std::string be_copied(int socket, char** argv);

}  // namespace gyre
