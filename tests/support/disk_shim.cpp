// Loaded into programs under test (LD_PRELOAD): a disk that fails, is full or is slow when the test says so. Also
// writes down what the program wrote and synced, so that a test can take from the files what a power cut would have
// taken. Neither allocates memory nor calls anything that could come back here; without $GYRE_DISK_CONTROL it does
// nothing.

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "support/disk_control.h"

namespace {

using gyre::test::DiskControl;
using gyre::test::DiskEntry;

DiskControl* control = nullptr;
int journal = -1;

__attribute__((constructor)) void look_for_control() {
    const char* path = std::getenv("GYRE_DISK_CONTROL");
    if (path == nullptr) return;
    const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    if (file < 0) return;
    void* mapped = ::mmap(nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped == MAP_FAILED) return;
    auto* found = static_cast<DiskControl*>(mapped);
    if (std::strcmp(program_invocation_short_name, found->program) != 0) return;
    char journal_path[512];
    if (std::strlen(path) + 9 > sizeof journal_path) return;
    std::strcpy(journal_path, path);
    std::strcat(journal_path, ".journal");
    journal = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, journal_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    control = found;
}

bool begins_with(const char* text, const char* beginning) {
    return std::strncmp(text, beginning, std::strlen(beginning)) == 0;
}

bool is_like(const char* path, const char* pattern) { return pattern[0] == 0 || ::fnmatch(pattern, path, 0) == 0; }

// "/proc/self/fd/<fd>"
struct LinkOf {
    explicit LinkOf(int fd) {
        char digits[16];
        int count = 0;
        for (int rest = fd; rest > 0 || count == 0; rest /= 10) digits[count++] = static_cast<char>('0' + rest % 10);
        char* end = text + std::strlen(text);
        while (count > 0) *end++ = digits[--count];
    }
    char text[32] = "/proc/self/fd/";
};

// A descriptor of a file that we keep an eye on.
class Watched {
public:
    explicit Watched(int fd) {
        if (control == nullptr) return;
        char path[512];
        const auto length = ::readlink(LinkOf(fd).text, path, sizeof path - 1);
        if (length <= 0) return;
        path[length] = 0;
        struct statx status {};
        if (control->below[0] == 0 || !begins_with(path, control->below) ||
            ::syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0 ||
            !(S_ISREG(status.stx_mode) || S_ISDIR(status.stx_mode)))
            return;
        is_ = true;
        has_name_ = status.stx_nlink > 0;
        aimed_at_ = control->armed.load() != 0 && is_like(path, control->only);
        entry_.device = (std::uint64_t{status.stx_dev_major} << 32) | status.stx_dev_minor;
        entry_.inode = status.stx_ino;
        entry_.born = static_cast<std::uint64_t>(status.stx_btime.tv_sec) * 1'000'000'000 + status.stx_btime.tv_nsec;
        entry_.size = status.stx_size;
    }
    explicit operator bool() const { return is_; }
    std::uint64_t size() const { return entry_.size; }

    // The error with which this call fails; 0: it does not.
    int fate(int error) const {
        if (!aimed_at_ || error == 0) return 0;
        const auto every = std::max<std::uint32_t>(control->every.load(), 1);
        if (++control->calls % every != 0) return 0;
        ++control->failures;
        return error;
    }
    int fate_of_write(std::uint64_t end) const {
        if (aimed_at_ && control->only_growth.load() != 0 && end <= entry_.size) return 0;
        return aimed_at_ ? fate(control->writes_fail_with.load()) : 0;
    }
    void wait_for_slow_disk() const {
        const auto delay = aimed_at_ ? control->sync_delay_ms.load() : 0;
        timespec left{.tv_sec = delay / 1000, .tv_nsec = static_cast<long>(delay % 1000) * 1'000'000};
        while (delay > 0 && ::nanosleep(&left, &left) != 0) {
        }
    }

    void note(DiskEntry::Kind kind) const { put(kind, 0, 0, -1); }
    void note_write(int fd, std::uint64_t offset, std::uint64_t length) const {
        put(DiskEntry::write, offset, length, fd);
    }
    void note_cut(int fd, std::uint64_t size) const { put(DiskEntry::cut, size, entry_.size, fd); }

private:
    // With what stands from `offset` on, up to `length` bytes.
    void put(DiskEntry::Kind kind, std::uint64_t offset, std::uint64_t length, int fd) const {
        if (!has_name_) return;
        DiskEntry entry = entry_;
        entry.kind = kind;
        entry.offset = offset;
        entry.length = length;
        const auto kept = fd < 0 || offset >= entry.size ? 0 : std::min(length, entry.size - offset);
        void* bytes = nullptr;
        if (kept > 0) {
            bytes = ::mmap(nullptr, kept, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            // The program may have opened it for writing only.
            const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, LinkOf(fd).text, O_RDONLY | O_CLOEXEC));
            const auto got = ::pread(file, bytes, kept, static_cast<off_t>(offset));
            ::close(file);
            entry.kept = got > 0 ? static_cast<std::uint32_t>(got) : 0;
        }
        iovec parts[2] = {{&entry, sizeof entry}, {bytes, entry.kept}};
        (void)::syscall(SYS_writev, journal, parts, entry.kept > 0 ? 2 : 1);
        if (bytes != nullptr) ::munmap(bytes, kept);
    }

    bool is_ = false;
    bool has_name_ = false;
    bool aimed_at_ = false;
    DiskEntry entry_{};
};

ssize_t failed_with(int error) {
    errno = error;
    return -1;
}

std::uint64_t position_of(int fd, const Watched& file) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_APPEND) != 0) return file.size();
    return static_cast<std::uint64_t>(std::max<off_t>(::lseek(fd, 0, SEEK_CUR), 0));
}

ssize_t write_to(int fd, const void* bytes, std::size_t size, off_t offset) {
    if (const Watched file(fd); file) {
        const auto at = static_cast<std::uint64_t>(offset);
        if (const int error = file.fate_of_write(at + size)) return failed_with(error);
        file.note_write(fd, at, size);
    }
    return ::syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int sync_by(long call, int fd) {
    const Watched file(fd);
    if (!file) return static_cast<int>(::syscall(call, fd));
    file.wait_for_slow_disk();
    if (const int error = file.fate(control->syncs_fail_with.load())) {
        file.note(DiskEntry::sync_failed);
        return static_cast<int>(failed_with(error));
    }
    const auto done = static_cast<int>(::syscall(call, fd));
    const int error = errno;
    file.note(done == 0 ? DiskEntry::synced : DiskEntry::sync_failed);
    errno = error;
    return done;
}

int cut(int fd, off_t size) {
    if (const Watched file(fd); file) file.note_cut(fd, static_cast<std::uint64_t>(size));
    return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the names of libc's own functions
extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
    if (control == nullptr) return ::syscall(SYS_write, fd, bytes, size);
    if (const Watched file(fd); file) {
        const auto at = position_of(fd, file);
        if (const int error = file.fate_of_write(at + size)) return failed_with(error);
        file.note_write(fd, at, size);
    }
    return ::syscall(SYS_write, fd, bytes, size);
}

ssize_t writev(int fd, const iovec* parts, int count) {
    if (control == nullptr) return ::syscall(SYS_writev, fd, parts, count);
    if (const Watched file(fd); file) {
        std::uint64_t size = 0;
        for (int i = 0; i < count; ++i) size += parts[i].iov_len;
        const auto at = position_of(fd, file);
        if (const int error = file.fate_of_write(at + size)) return failed_with(error);
        file.note_write(fd, at, size);
    }
    return ::syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) { return write_to(fd, bytes, size, offset); }
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) { return write_to(fd, bytes, size, offset); }
int fsync(int fd) { return sync_by(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }
int ftruncate(int fd, off_t size) noexcept { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return cut(fd, size); }

}  // extern "C"
// NOLINTEND
