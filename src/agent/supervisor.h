#pragma once

// The agent's end of wire/supervisor_protocol.h: starts processes inside the job and waits for them. Every step and
// every helper (packing a cache, unpacking a checkout) is such a process.
//
// Thread-safe. Processes outlive their handles; kill_all() ends them.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/fd.h"
#include "base/result.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {

struct ExitedWith {
    int code = 0;
    bool halted = false;  // the process, or one before it, asked that the job ends here (`step halt`)
};
struct KilledBy {
    int signal = 0;
};
struct NeverStarted {
    std::string reason;
};
struct BoxGone {  // the sandbox or container ended under the process (out of memory, killed from outside, host trouble)
    std::string reason;
};
using ProcessEnd = std::variant<ExitedWith, KilledBy, NeverStarted, BoxGone>;

// Facts about the inside, known once the supervisor said hello.
struct InsideFacts {
    std::string home;
    std::string user;
    bool has_bash = false;
};

struct StandardFds {  // handed over; an empty Fd means /dev/null
    Fd in;
    Fd out;
    Fd err;
};

class Supervisor {
public:
    // Takes over a connected socket and waits for the hello. `unavailable` when it does not come within `patience`.
    static Result<std::unique_ptr<Supervisor>> connect(Fd socket, std::chrono::milliseconds patience);
    ~Supervisor();

    const InsideFacts& inside() const;
    // The box has ended, and with it all that ran in it.
    bool is_gone() const;

    // Starts a process; request.id is chosen here and returned. Answers before the process has started.
    Result<std::int64_t> spawn(wire::SpawnRequest request, StandardFds fds);
    // Waits for the end of process `id`, at most until the deadline; nothing when it still runs. The end is told once:
    // then the process is forgotten, and its end_event() is closed.
    std::optional<ProcessEnd> wait(std::int64_t id, std::chrono::steady_clock::time_point deadline);
    // A descriptor that becomes readable when process `id` has ended, for use in poll() beside its output.
    int end_event(std::int64_t id);
    // Nobody will wait for process `id`; it goes on.
    void forget(std::int64_t id);
    void signal(std::int64_t id, int number);  // to its whole session
    void kill_all();                           // SIGKILL to everything but the supervisor

private:
    struct State;
    explicit Supervisor(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace gyre::agent
