#pragma once

// The machines' free room while a plan is made. Free room is never negative for the purpose of fitting: a client that
// runs more than its total (its settings were lowered) takes nothing until it is below it again.

#include <optional>
#include <string>
#include <vector>

#include "placement/needs.h"

namespace gyre::placement {

struct Room {
    ClientRoom client;
    Resources free;  // may be negative
    int running = 0;
    bool held = false;              // kept for a task that has waited long
    std::vector<std::string> jobs;  // the first few of what runs there, by name

    bool could_ever_hold(const Resources& need) const;  // were it empty
    bool fits(const Resources& need) const;             // now, held or not
};

class Rooms {
public:
    Rooms(const std::vector<ClientRoom>& clients, const std::vector<RunningTask>& running);

    // The client where the task leaves the least CPU free (then memory, then by name), so that large tasks keep finding
    // room elsewhere. Null when it fits nowhere that is not held.
    const Room* tightest(const Resources& need) const;
    // Takes the room of one more task, of the job of that name.
    void take(const Room& room, const Resources& need, const std::string& job_name);
    // Of the clients that could hold the need when empty, the one with the most room free. Null when there is none.
    const Room* roomiest(const Resources& need) const;
    void hold(const Room& room);
    const Room* held() const;
    // The total of the largest client that accepts tasks, or nothing when none does.
    std::optional<Resources> largest() const;

private:
    std::vector<Room> rooms_;  // those that accept tasks, by name
};

}  // namespace gyre::placement
