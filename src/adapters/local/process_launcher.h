#pragma once

// Launcher by processes of this machine. An agent is a copy of one that stands ready (base/nursery.h), in a session of
// its own, and outlives this server. Deaths are noticed through pidfds by one thread. Agents of an earlier server
// process are known from their first call here on; until then, their leases speak for them.

#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/fd.h"
#include "base/nursery.h"
#include "ports/launcher.h"

namespace gyre::adapters {

class ProcessLauncher final : public Launcher {
public:
    // The secret of the command is the launch key.
    explicit ProcessLauncher(NurseryCommand command);
    ~ProcessLauncher() override;

    Result<void> ensure_waiting(int wanted) override;
    Result<void> keep_waiting(int wanted) override;
    void waits(std::int64_t process) override;
    bool took(std::int64_t process, const std::string& attempt_id) override;
    void on_death(std::function<void(const std::string& attempt_id)> call) override;
    void kill(const std::string& attempt_id) override;
    // Ends the agents that have no attempt. Those at work go on.
    void dismiss_waiting();
    // Waits for the ends of all agents, at most so long: they tell how an attempt ended before they have cleaned up.
    void await_ends(std::chrono::milliseconds longest);

private:
    struct Agent {
        Fd pidfd;                // for signals, too: the number of one that has ended may be another's by now
        std::string attempt;     // empty while waiting for work
        bool ours = false;       // launched by this server
        bool dismissed = false;  // it was told to end, and takes nothing
        bool is_waiting() const { return attempt.empty() && !dismissed; }
    };
    using AgentPtr = std::shared_ptr<Agent>;

    int missing(int wanted);
    int count_waiting() const;  // with mutex_ held, as the next two
    AgentPtr known(pid_t pid);  // nothing: it is gone
    static void dismiss(Agent& agent);
    void let_go_of_surplus();
    Result<void> launch();
    Result<Nursery::Copy> copy();
    void watch();
    void bury(pid_t pid, const AgentPtr& agent);
    void wake_watcher();

    NurseryCommand command_;
    std::mutex launching_;            // of nursery_; taken before mutex_, which nobody holds while a copy is waited for
    std::optional<Nursery> nursery_;  // made when first needed
    std::mutex mutex_;
    std::map<pid_t, AgentPtr> agents_;
    std::function<void(const std::string&)> on_death_;
    int most_waiting_ = std::numeric_limits<int>::max();  // with those of earlier servers
    bool stopping_ = false;
    Fd wake_;
    std::thread watcher_;
};

}  // namespace gyre::adapters
