#pragma once

// Ends a job whose files take more of this machine's disk than they may. No executor can set a quota on every file
// system, so the files are counted from time to time; a job may exceed its limit by what it writes meanwhile.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/executors/disk_meter.h"
#include "agent/job_control.h"
#include "base/fd.h"
#include "base/paced_thread.h"

namespace gyre::agent {

// In bytes; 0: none.
struct DiskLimits {
    std::int64_t of_job = 0;
    std::int64_t floor = 0;  // what the disk keeps free; below it a job goes that takes a tenth of the disk or more
};

struct DiskSpace {
    std::int64_t free = 0;
    std::int64_t size = 0;
};

// Of the file systems of these paths, the one with the least left; nothing: none is known.
std::optional<DiskSpace> scarcest_space(const std::vector<std::string>& places);

// When counting is worth its cost, and what follows from a count. Pure: takes the time as an argument, in ms from any
// moment on.
class DiskPlan {
public:
    explicit DiskPlan(DiskLimits limits) : limits_(limits) {}

    // `space`: nothing where it is not known.
    bool is_due(const std::optional<DiskSpace>& space, std::int64_t now_ms) const;
    // What was counted from `began_ms` to `now_ms`. A sentence if the job must end, else empty.
    std::string counted(std::int64_t bytes, const std::optional<DiskSpace>& space, std::int64_t began_ms,
                        std::int64_t now_ms);

private:
    bool is_below_floor(const std::optional<DiskSpace>& space) const;

    struct Last {
        std::int64_t bytes = 0;
        std::optional<DiskSpace> space;
        std::int64_t at_ms = 0;
        std::int64_t not_before_ms = 0;
    };
    DiskLimits limits_;
    std::optional<Last> last_;
};

// Looks on a thread of its own until it is destroyed, which ends a count on its way.
class DiskWatch {
public:
    // `meter` may be null: then there is nothing to look at. The control is told, and outlives this.
    DiskWatch(std::unique_ptr<DiskMeter> meter, DiskLimits limits, std::chrono::milliseconds every,
              JobControl& control);
    ~DiskWatch();
    DiskWatch(const DiskWatch&) = delete;
    DiskWatch& operator=(const DiskWatch&) = delete;

private:
    void look();
    std::optional<DiskSpace> space();
    std::int64_t now_ms() const;  // since the beginning

    std::unique_ptr<DiskMeter> meter_;
    DiskPlan plan_;
    JobControl& control_;
    std::optional<std::vector<std::string>> places_;
    Fd end_event_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    PacedThread thread_;
};

}  // namespace gyre::agent
