#include "agent/executors/docker_sweep.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "agent/executors/docker_container.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::milliseconds patience{3'000};
constexpr std::chrono::milliseconds pause_between{50};

// The 22nd field of /proc/<pid>/stat, in clock ticks since the machine's start; empty when there is no such process
// or it has ended.
std::string start_time(std::int64_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return {};
    // The second field is the program's name in parentheses and may hold anything.
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= line.size()) return {};
    const char state = line[name_end + 2];
    if (state == 'Z' || state == 'X') return {};  // ended; its parent has not looked yet
    std::size_t at = name_end;
    for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + 1);
    if (at == std::string::npos) return {};
    return line.substr(at + 1, line.find(' ', at + 1) - at - 1);
}

std::string agent_name(std::int64_t process) { return std::to_string(process) + " " + start_time(process); }

// Podman cannot remove a container that ends at this moment, nor list any then; docker cannot remove one that somebody
// else is removing. All of that passes.
template <typename Attempt>
Result<void> patiently(const Attempt& attempt) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        Result<void> done = attempt();
        if (done || std::chrono::steady_clock::now() > deadline) return done;
        std::this_thread::sleep_for(pause_between);
    }
}

Result<void> remove_all(EngineClient& engine, std::vector<ListedContainer> containers) {
    std::stable_partition(containers.begin(), containers.end(),
                          [](const ListedContainer& one) { return one.role != "primary"; });
    Result<void> first;
    for (const auto& container : containers) {
        auto removed = engine.remove(container.id);
        if (!removed && first) first = removed.error().during("removing container " + container.id.substr(0, 12));
    }
    return first;
}

}  // namespace

std::string this_agent() { return agent_name(::getpid()); }

bool agent_lives(std::string_view agent) {
    std::int64_t process = 0;
    if (std::from_chars(agent.data(), agent.data() + agent.size(), process).ec != std::errc{} || process <= 0) {
        return false;
    }
    return agent == agent_name(process);
}

Result<void> remove_box(EngineClient& engine, const std::string& box) {
    return patiently([&]() -> Result<void> {
        GYRE_TRY_ASSIGN(auto containers, engine.list(std::string(label_box) + "=" + box));
        return remove_all(engine, std::move(containers));
    });
}

Result<void> sweep_boxes(EngineClient& engine, const std::function<bool(std::string_view box)>& alive) {
    return patiently([&]() -> Result<void> {
        GYRE_TRY_ASSIGN(auto containers, engine.list(label_box));
        std::erase_if(containers, [&](const ListedContainer& one) { return agent_lives(one.agent) || alive(one.box); });
        return remove_all(engine, std::move(containers));
    });
}

}  // namespace gyre::agent
