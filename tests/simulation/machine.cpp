#include "simulation/machine.h"

#include <algorithm>

namespace gyre::simulation {

int Machine::launch() {
    const int process = ++last_process_;
    auto agent = std::make_shared<Agent>(stage_, watcher_, *link_, Agent::Facts{facts_.name, process, facts_.local});
    agents_.emplace(process, agent);
    agent->start([this, process] { kill(process); });
    return process;
}

Agent* Machine::find(int process) {
    const auto found = agents_.find(process);
    return found == agents_.end() ? nullptr : found->second.get();
}

void Machine::kill(int process) {
    const auto found = agents_.find(process);
    if (found == agents_.end()) return;
    found->second->die();
    agents_.erase(found);
    if (facts_.local && bury) bury(process);
}

void Machine::kill_all() {
    while (!agents_.empty()) kill(agents_.begin()->first);
}

std::vector<int> Machine::working() const {
    std::vector<int> processes;
    for (const auto& [process, agent] : agents_) {
        if (agent->has_attempt()) processes.push_back(process);
    }
    return processes;
}

SimulatedLauncher::SimulatedLauncher(Machine& machine) : machine_(machine) {}

SimulatedLauncher::~SimulatedLauncher() = default;

Result<void> SimulatedLauncher::ensure_waiting(int wanted) {
    const auto waiting = std::ranges::count_if(known_, [&](const auto& one) {
        const auto* agent = machine_.find(one.first);
        return one.second.empty() && agent && !agent->has_attempt();
    });
    for (auto count = waiting; count < wanted; ++count) known_.emplace(machine_.launch(), "");
    return {};
}

bool SimulatedLauncher::took(std::int64_t process, const std::string& attempt_id) {
    const int id = static_cast<int>(process);
    if (!machine_.find(id)) return false;
    known_[id] = attempt_id;
    return true;
}

void SimulatedLauncher::waits(std::int64_t process) {
    const int id = static_cast<int>(process);
    if (machine_.find(id)) known_.try_emplace(id, "");
}

void SimulatedLauncher::kill(const std::string& attempt_id) {
    const auto found = std::ranges::find(known_, attempt_id, [](const auto& one) { return one.second; });
    if (found != known_.end()) machine_.kill(found->first);
}

void SimulatedLauncher::died(int process) {
    const auto found = known_.find(process);
    if (found == known_.end()) return;
    const auto attempt = found->second;
    known_.erase(found);
    if (!attempt.empty() && on_death_) on_death_(attempt);
}

}  // namespace gyre::simulation
