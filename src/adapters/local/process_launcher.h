#pragma once

// Launcher by processes of this machine. An agent is started in a session of its own, with the launch key on a pipe
// (never argv or environment) and its log in a file; it outlives this server. Deaths are noticed through pidfds by one
// thread. Agents of an earlier server process are known from their first claim here on; until then, their leases speak
// for them.

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "ports/launcher.h"

namespace gyre::adapters {

struct AgentCommand {
    std::vector<std::string> argv;  // "--key-fd 3" is appended
    std::string launch_key;
    std::string log_file;  // appended to; both output streams of the agents
};

class ProcessLauncher final : public Launcher {
public:
    explicit ProcessLauncher(AgentCommand command);
    ~ProcessLauncher() override;

    Result<void> ensure_waiting(int wanted) override;
    bool took(std::int64_t process, const std::string& attempt_id) override;
    void on_death(std::function<void(const std::string& attempt_id)> call) override;
    void kill(const std::string& attempt_id) override;
    // Ends the agents that have no attempt. Those at work go on.
    void dismiss_waiting();
    // Waits for the ends of all agents, at most so long: they tell how an attempt ended before they have cleaned up.
    void await_ends(std::chrono::milliseconds longest);

private:
    struct Agent {
        Fd pidfd;
        std::string attempt;  // empty while waiting for work
    };

    Result<void> launch();
    void watch();
    void bury(pid_t pid);
    void wake_watcher();

    AgentCommand command_;
    std::mutex mutex_;
    std::map<pid_t, Agent> agents_;
    std::function<void(const std::string&)> on_death_;
    bool stopping_ = false;
    Fd wake_;
    std::thread watcher_;
};

}  // namespace gyre::adapters
