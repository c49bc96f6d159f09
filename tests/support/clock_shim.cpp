// Loaded into programs under test (LD_PRELOAD): a wall clock that the test sets, as an administrator or NTP would. The
// monotonic clock stays. $GYRE_CLOCKS is a directory; the file there with the program's name, 8 bytes that the test
// may change at any time, says by how many nanoseconds its clock is ahead. Nothing here allocates memory.
//
// Waits until a time of the wall clock return early and for no reason, as they may: whoever waits then looks at the
// clock again, which the kernel would have made them do when it is set.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t longest_sleep = 20'000'000;  // until the clock is looked at again

using Ahead = std::atomic<std::int64_t>;
static_assert(sizeof(Ahead) == 8 && Ahead::is_always_lock_free);

const Ahead* ahead = nullptr;

__attribute__((constructor)) void look_for_control() {
    const char* directory = std::getenv("GYRE_CLOCKS");
    char path[512];
    if (directory == nullptr) return;
    const int length = std::snprintf(path, sizeof path, "%s/%s", directory, program_invocation_short_name);
    if (length >= static_cast<int>(sizeof path)) return;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    void* mapped = ::mmap(nullptr, sizeof(Ahead), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped != MAP_FAILED) ahead = static_cast<const Ahead*>(mapped);
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * second + time.tv_nsec; }

timespec time_of(std::int64_t nanoseconds) { return {nanoseconds / second, nanoseconds % second}; }

// The kernel's; past the library, which would come back here.
int real_time(clockid_t clock, timespec* now) { return static_cast<int>(::syscall(SYS_clock_gettime, clock, now)); }

std::int64_t wall_now() {
    timespec now{};
    real_time(CLOCK_REALTIME, &now);
    return nanoseconds(now) + (ahead ? ahead->load() : 0);
}

using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*);

Wait real_wait() {
    static const auto found = reinterpret_cast<Wait>(::dlsym(RTLD_NEXT, "pthread_cond_clockwait"));
    return found;
}

int wait_for_the_wall_clock(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    const std::int64_t left = nanoseconds(*until) - wall_now();
    if (left <= 0) return ETIMEDOUT;
    timespec now{};
    real_time(CLOCK_MONOTONIC, &now);
    const timespec wake = time_of(nanoseconds(now) + std::min(left, longest_sleep));
    const int woken = real_wait()(condition, mutex, CLOCK_MONOTONIC, &wake);
    return woken == ETIMEDOUT ? 0 : woken;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    const int result = real_time(clock, now);
    const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (result == 0 && wall && ahead) *now = time_of(nanoseconds(*now) + ahead->load());
    return result;
}

int gettimeofday(timeval* now, void* /*zone*/) noexcept {
    const std::int64_t nanos = wall_now();
    *now = {nanos / second, nanos % second / 1000};
    return 0;
}

time_t time(time_t* result) noexcept {
    const time_t seconds = wall_now() / second;
    if (result) *result = seconds;
    return seconds;
}

int timespec_get(timespec* now, int base) noexcept {
    if (base != TIME_UTC) return 0;
    *now = time_of(wall_now());
    return base;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    return wait_for_the_wall_clock(condition, mutex, until);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    if (clock != CLOCK_REALTIME) return real_wait()(condition, mutex, clock, until);
    return wait_for_the_wall_clock(condition, mutex, until);
}
}
