#include "agent/executors/docker_sweep.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>
#include <vector>

#include "agent/executors/docker_container.h"
#include "agent/executors/process_start.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::milliseconds patience{3'000};
constexpr std::chrono::milliseconds pause_between{50};

std::string agent_name(std::int64_t process) {
    return std::to_string(process) + " " + std::to_string(process_start_time(process));
}

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
