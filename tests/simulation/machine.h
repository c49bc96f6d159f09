#pragma once

// A machine that agents run on, and what a server sees of it: the launcher of its processes. Agents outlive the server;
// the launcher's knowledge of them does not.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/resource_class.h"
#include "ports/launcher.h"
#include "simulation/agent.h"

namespace gyre::simulation {

class Machine {
public:
    struct Facts {
        std::string name;
        Resources total;
        bool local = true;  // agents reach the server by its unix socket, and their deaths are noticed
    };
    Machine(Stage& stage, Watcher& watcher, Facts facts) : stage_(stage), watcher_(watcher), facts_(std::move(facts)) {}

    const Facts& facts() const { return facts_; }
    void connect(Listener& server) { link_.emplace(stage_, server); }
    Link& link() { return *link_; }

    int launch();  // the process id of a new agent
    Agent* find(int process);
    void kill(int process);
    void kill_all();
    std::vector<int> working() const;  // processes with an attempt
    // Told of deaths; for the launcher of the server that runs now.
    std::function<void(int process)> bury;

private:
    Stage& stage_;
    Watcher& watcher_;
    Facts facts_;
    std::optional<Link> link_;
    std::map<int, std::shared_ptr<Agent>> agents_;
    int last_process_ = 100;
};

// What one life of a server knows of its machine's agents.
class SimulatedLauncher final : public Launcher {
public:
    explicit SimulatedLauncher(Machine& machine);
    ~SimulatedLauncher() override;

    Result<void> ensure_waiting(int wanted) override;
    Result<void> keep_waiting(int wanted) override { return ensure_waiting(wanted); }
    void waits(std::int64_t process) override;
    bool took(std::int64_t process, const std::string& attempt_id) override;
    void on_death(std::function<void(const std::string& attempt_id)> call) override { on_death_ = std::move(call); }
    void kill(const std::string& attempt_id) override;
    // Somebody of whom this server knows is dead; the server has noticed.
    void died(int process);

private:
    Machine& machine_;
    std::map<int, std::string> known_;  // the attempt of each, empty while it waits
    std::function<void(const std::string&)> on_death_;
};

}  // namespace gyre::simulation
