#pragma once

// One attempt's own directory on this machine, <work>/attempts/<attempt id>, locked (flock) while its agent lives:
//
//   lock           held by the agent; whoever gets the lock knows that the agent is dead
//   executor.json  what kind of box it had, so that the next agent can sweep it
//   box/           the executor's
//   scratch/       files on their way

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "model/plan.h"

namespace gyre::agent {

class AttemptDirectory {
public:
    static Result<AttemptDirectory> create(const std::string& work, const std::string& name,
                                           const ExecutorSpec& executor);
    AttemptDirectory(AttemptDirectory&&) noexcept = default;
    AttemptDirectory& operator=(AttemptDirectory&&) = delete;
    ~AttemptDirectory();  // removes it

    std::string box() const { return path_ + "/box"; }
    std::string scratch() const { return path_ + "/scratch"; }

private:
    AttemptDirectory(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    Fd lock_;
};

// Whether the agent of that attempt still lives (its directory exists and is locked).
bool attempt_is_alive(const std::string& work, std::string_view name);

// Removes the directories of dead agents; `sweep_box` is called before, with the kind of box that each had and the name
// of the attempt. Meanwhile we hold its lock: attempt_is_alive() would answer true for that name.
void sweep_attempts(const std::string& work,
                    const std::function<void(const ExecutorSpec& executor, std::string_view name)>& sweep_box);

}  // namespace gyre::agent
