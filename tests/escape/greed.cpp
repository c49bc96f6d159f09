#include "escape/greed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace gyre::escape {
namespace {

// Each stays until its first one ends: the pipe closes then.
bool one_more_process(int wait_on, int held) {
    const pid_t child = fork();
    if (child != 0) return child > 0;
    char byte = 0;
    close(held);
    while (read(wait_on, &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
}

bool one_more_megabyte() {
    constexpr std::size_t size = 1 << 20;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    std::memset(memory, 1, size);
    return true;
}

bool one_more_file(int number) {
    const std::string name = "tiny-" + std::to_string(number);
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool written = write(fd, "x", 1) == 1;
    return close(fd) == 0 && written;
}

}  // namespace

int take(const std::string& what, int most) {
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return 2;
    int taken = 0;
    const auto one_more = [&] {
        if (what == "forks") return one_more_process(ends[0], ends[1]);
        if (what == "memory") return one_more_megabyte();
        if (what == "descriptors") return dup(ends[0]) >= 0;
        errno = EINVAL;
        return what == "files" && one_more_file(taken);
    };
    while (taken < most && one_more()) ++taken;
    if (taken == most) return std::printf("took all %d %s\n", taken, what.c_str()), 0;
    std::printf("took %d %s, then: %s\n", taken, what.c_str(), std::strerror(errno));
    return 1;
}

}  // namespace gyre::escape
