#pragma once

// The GPUs of this machine that one job has for itself. Agents share a directory with a lock for each: the death of an
// agent gives its GPUs back.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/executors/cdi.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class HeldGpus {
public:
    HeldGpus() = default;  // none
    // `count` of the known ones, all or none; waits for those that a job has which is just ending, as long as nothing
    // can be read from `cancel`. `not_found`: this machine has fewer; `unavailable`: they stayed taken.
    static Result<HeldGpus> take(const std::vector<CdiDevice>& known, int count, const std::string& directory,
                                 std::chrono::milliseconds patience, int cancel);
    std::span<const CdiDevice> devices() const { return devices_; }
    std::vector<std::string> names() const;  // full ones

private:
    static std::optional<HeldGpus> take_now(const std::vector<CdiDevice>& known, std::size_t wanted,
                                            const std::string& directory);

    std::vector<CdiDevice> devices_;
    std::vector<Fd> locks_;
};

}  // namespace gyre::agent
