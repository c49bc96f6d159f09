#pragma once

// A disk that takes no file beyond a size, without needing a disk of its own: the process's limit on file sizes. Writes
// beyond it fail in the middle, as on a full disk (the error is EFBIG).

#include <signal.h>
#include <sys/resource.h>

namespace gyre::contract {

class FullDisk {
public:
    explicit FullDisk(rlim_t file_bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{file_bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace gyre::contract
