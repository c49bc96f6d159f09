#pragma once

// A note on disk of what a sandbox (or another box without an engine) has on this host, made before the things
// themselves, so that the next agent can remove what a killed one left. A lock on it tells that the agent is alive; it
// ends with the agent.

#include <boost/describe.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

struct SandboxThings {
    std::string name;
    std::string directory;  // all files of the box
    std::vector<std::string> cgroups;
    std::int64_t process = 0;          // bwrap, or the supervisor; 0 before it runs
    std::int64_t process_started = 0;  // clock ticks since boot: tells a process from a later one of its number
};
BOOST_DESCRIBE_STRUCT(SandboxThings, (), (name, directory, cgroups, process, process_started))

class SandboxRecord {
public:
    // In `directory`, which is made. One record a name.
    static Result<SandboxRecord> open(const std::string& directory, const std::string& name);
    // Whole or not at all, however the agent dies.
    Result<void> write(const SandboxThings& things);
    void remove();

private:
    SandboxRecord(std::string path, Fd file) : path_(std::move(path)), file_(std::move(file)) {}
    std::string path_;
    Fd file_;
};

// Calls `remove` for the things of every record whose agent is dead, and then removes the record. Error: something
// stays, with its record.
Result<void> sweep_records(const std::string& directory, const std::function<bool(std::string_view name)>& alive,
                           const std::function<Result<void>(const SandboxThings&)>& remove);
// Ends the process of a record, when it is still that one.
Result<void> end_recorded_process(const SandboxThings& things);
// The part of `remove` that all such boxes share, when their processes are gone.
Result<void> remove_groups_and_files(const SandboxThings& things);
Result<void> sweep_sandboxes(const std::string& directory, const std::function<bool(std::string_view name)>& alive);

}  // namespace gyre::agent
