#pragma once

// What people do: push random configs to several projects, announced by hooks once, twice, late, out of turn or never;
// trigger pipelines by the API; approve, cancel and rerun. They ask again until they are answered.

#include <vector>

#include "simulation/server.h"

namespace gyre::simulation {

class Workload {
public:
    Workload(Stage& stage, Disk& disk, Watcher& watcher, Remote& remote, std::vector<Server*> servers)
        : stage_(stage), disk_(disk), watcher_(watcher), remote_(remote), servers_(std::move(servers)) {}

    void make_projects(int count);
    void begin(int triggers, int wishes, Duration within);
    // From now on nobody does anything new; what was pushed and never announced is found.
    void calm_down();
    bool is_done() const { return open_ == 0; }

private:
    using Ask = std::function<bool()>;  // whether it was answered
    void until_answered(Duration delay, Ask ask);
    Server& some_server() { return *stage_.dice.one_of(servers_); }
    void push(int number);
    bool announce(const Project& project, const intake::Push& push);
    void look_soon(const Project& project, Duration delay);
    void ask_for_pipeline(int number);
    bool deliver(const Trigger& trigger);
    void wish();
    void cancel(const Workflow& workflow);
    void rerun(const Workflow& workflow);
    void approve_now_and_then();

    Stage& stage_;
    Disk& disk_;
    Watcher& watcher_;
    Remote& remote_;
    std::vector<Server*> servers_;
    std::vector<Project> projects_;
    int open_ = 0;  // not answered yet
};

// A config of random jobs that require one another.
std::string random_config(Dice& dice);

}  // namespace gyre::simulation
