#pragma once

// The directory that a job's primary container sees as /run/gyre: our static helper under its names, and the socket on
// which the supervisor calls the agent. The container cannot write to it (connecting to a socket is not writing).
// Not thread-safe.

#include <chrono>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class ControlDirectory {
public:
    // Makes `parent`/run, with the helper at `injob_path` as hard links, or as a copy where links cannot be, and the
    // filter of system calls.
    static Result<ControlDirectory> make(const std::string& parent, const std::string& injob_path);

    const std::string& path() const { return path_; }
    // One connection, then the socket is gone. Nothing: none came within `patience`. Error when `cancel` (a descriptor,
    // or -1) becomes readable.
    Result<std::optional<Fd>> accept(std::chrono::milliseconds patience, int cancel);

private:
    ControlDirectory(std::string path, Fd listener) : path_(std::move(path)), listener_(std::move(listener)) {}

    std::string path_;
    Fd listener_;
};

}  // namespace gyre::agent
