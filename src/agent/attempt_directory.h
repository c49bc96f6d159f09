#pragma once

// One attempt's own directory on this machine, <work>/attempts/<attempt id>, locked (flock) while its agent lives. A
// container that waits for its attempt has one as well (executors/ready_container.h).
//
//   lock           held by the agent; whoever gets the lock knows that the agent is dead
//   executor.json  which executor made its box, so that a later agent can sweep it; absent: there is no box
//   box/           the executor's
//   scratch/       files on their way

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class AttemptDirectory {
public:
    static Result<AttemptDirectory> create(const std::string& work, const std::string& name);
    AttemptDirectory(AttemptDirectory&&) noexcept = default;
    AttemptDirectory& operator=(AttemptDirectory&&) = delete;
    ~AttemptDirectory();  // removes it, unless it is to be kept

    // To be called before that executor makes anything.
    Result<void> note_executor(std::string_view name) const;
    // Something of the box could not be removed: the directory stays, so that a later agent sweeps.
    void keep() { keep_ = true; }

    std::string box() const { return path_ + "/box"; }
    std::string scratch() const { return path_ + "/scratch"; }

private:
    AttemptDirectory(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    Fd lock_;
    bool keep_ = false;
};

// Whether the agent of that attempt still lives (its directory exists and is locked).
bool attempt_is_alive(const std::string& work, std::string_view name);

// Removes the directories of dead agents. Before, `sweep_box` is called with the name of the executor that made the box
// and the name of the attempt; unless it succeeds, the directory stays for the next sweep. Meanwhile we hold its lock:
// attempt_is_alive() would answer true for that name.
void sweep_attempts(const std::string& work,
                    const std::function<Result<void>(std::string_view executor, std::string_view name)>& sweep_box);

}  // namespace gyre::agent
