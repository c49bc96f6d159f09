// Run inside of a job, by tests and by whoever wants to know what a machine's jobs are held by. Links no library: it
// runs in any image.
//
//   escape try PATH...             each known way out: "ok NAME", "ESCAPED NAME: what" or "UNDECIDED NAME: why";
//                                  the host's PATHs must not be seen
//
//   escape outside PATH            whether the host's PATH is to be reached from the working directory, upwards
//
//   escape mark NAME               leaves a file of that name wherever it can, for the host to look for
//   escape forks | memory | descriptors | files N      takes as much as it is given, N at most, and says how much

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "escape/greed.h"
#include "escape/line.h"

namespace gyre::escape {

bool opens(const std::string& path, int flags) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

namespace {

constexpr int result_descriptor = 1023;  // above those that a job could inherit
constexpr unsigned patience = 30;        // seconds for one line

constexpr int undecided = 3;  // exit code

std::pair<std::string, int> tried(const Line& line) {
    try {
        return {line.got_out(), 0};
    } catch (const std::exception& failed) {
        return {failed.what(), undecided};
    }
}

// In a process of its own, which may be killed: the filter of system calls may do that.
std::string outcome(const Line& line) {
    std::fflush(stdout);
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return "UNDECIDED: no pipe";
    const pid_t child = fork();
    if (child < 0) return "UNDECIDED: no process";
    if (child == 0) {
        alarm(patience);
        close(ends[0]);
        dup3(ends[1], result_descriptor, O_CLOEXEC);
        close(ends[1]);
        const auto [what, code] = tried(line);
        _exit(write(result_descriptor, what.data(), what.size()) == static_cast<ssize_t>(what.size()) ? code : 1);
    }
    close(ends[1]);
    char text[4096];
    const ssize_t length = read(ends[0], text, sizeof text);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (length > 0 && WIFEXITED(status) && WEXITSTATUS(status) == undecided)
        return "UNDECIDED: " + std::string(text, static_cast<std::size_t>(length));
    if (length > 0) return "ESCAPED: " + std::string(text, static_cast<std::size_t>(length));
    const bool held =
        (WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    return held ? "ok" : "UNDECIDED: status " + std::to_string(status);
}

int try_all(const Hidden& hidden) {
    int failed = 0;
    for (const auto& lines :
         {lines_of_files(hidden), lines_of_processes(), lines_of_calls(), lines_of_sockets(hidden)}) {
        for (const auto& line : lines) {
            const std::string result = outcome(line);
            const auto colon = std::min(result.find(':'), result.size());
            std::printf("%s %s%s\n", result.substr(0, colon).c_str(), line.name.c_str(), result.c_str() + colon);
            failed += result == "ok" ? 0 : 1;
        }
    }
    return failed == 0 ? 0 : 1;
}

int look_outside(const std::string& path) {
    std::string up = path.substr(1);
    for (int steps = 0; steps < 40; ++steps) {
        if (opens(up, O_RDONLY)) {
            std::printf("ESCAPED working_directory: %s\n", up.c_str());
            return 1;
        }
        up = "../" + up;
    }
    std::printf("ok working_directory\n");
    return 0;
}

void mark(const std::string& name) {
    for (const char* place : {"/", "/dev/shm/", "/etc/", "/home/", "/opt/", "/root/", "/run/", "/srv/", "/tmp/",
                              "/usr/bin/", "/var/lib/", "/var/tmp/", "/sys/fs/cgroup/", "./"}) {
        if (opens(place + name, O_WRONLY | O_CREAT)) std::printf("left %s%s\n", place, name.c_str());
    }
}

}  // namespace

int run(int argc, char** argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    if (verb == "try") return try_all(Hidden(argv + 2, argv + argc));
    if (verb == "outside" && argc == 3) return look_outside(argv[2]);
    if (verb == "mark" && argc == 3) return mark(argv[2]), 0;
    if (argc == 3) return take(verb, std::atoi(argv[2]));
    std::fprintf(stderr,
                 "usage: escape try PATH... | outside PATH | mark NAME | forks|memory|descriptors|files MOST\n");
    return 2;
}

}  // namespace gyre::escape

int main(int argc, char** argv) { return gyre::escape::run(argc, argv); }
