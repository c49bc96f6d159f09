#include "agent/executors/process_start.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

#include "base/fd.h"

namespace gyre::agent {

// /proc/<pid>/stat: "pid (name, which may hold anything) state ...", and the start time is the 22nd field.
std::int64_t process_start_time(std::int64_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::ostringstream content;
    content << file.rdbuf();  // a process that ends meanwhile is a read error: iterators would throw
    const std::string text = content.str();
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    fields >> field;
    if (field == "Z" || field == "X") return 0;  // ended; its parent has not looked yet
    for (int number = 4; number < 22; ++number) fields >> field;
    std::int64_t started = 0;
    fields >> started;
    return started;
}

bool ends_within(pid_t process, std::chrono::milliseconds most) {
    const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
    if (!handle) return errno == ESRCH;
    pollfd end{handle.get(), POLLIN, 0};
    return poll(&end, 1, static_cast<int>(most.count())) == 1;
}

}  // namespace gyre::agent
