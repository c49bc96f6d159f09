#pragma once

// What this machine's latest jobs wanted their primary containers to be (likeness() of docker_container.h): a file in
// the directory that its agents share. It is a hint: what cannot be read or written is as if there were none, and of
// two agents that write at once one may be forgotten. Thread-safe, also among processes.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace gyre::agent {

class RecentContainers {
public:
    explicit RecentContainers(const std::string& work) : path_(work + "/recent-containers.json") {}

    // Whether there may be any; cheap.
    bool has_any() const;
    // The last eight of the last hour are kept.
    void note(const json::object& likeness, Timestamp now) const;
    // What at least half of them wanted, and more than one: what the next job probably wants.
    std::optional<json::object> likely(Timestamp now) const;

private:
    std::string path_;
};

}  // namespace gyre::agent
