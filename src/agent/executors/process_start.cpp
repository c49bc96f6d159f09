#include "agent/executors/process_start.h"

#include <fstream>
#include <sstream>
#include <string>

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

}  // namespace gyre::agent
