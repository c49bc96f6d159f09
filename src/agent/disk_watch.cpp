#include "agent/disk_watch.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/steps/steps.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

constexpr std::int64_t share_of_counting = 20;  // counting takes a twentieth of the time at most
constexpr std::int64_t longest_pause_below_floor_ms = 10'000;
constexpr std::int64_t longest_trust_ms = 60'000;  // in what the disk's free space says of a job
constexpr std::int64_t least_guilty_share = 10;    // of the disk: a tenth

}  // namespace

bool DiskPlan::is_below_floor(const std::optional<DiskSpace>& space) const {
    return limits_.floor > 0 && space && space->free < limits_.floor;
}

// A job cannot have passed its limit before the disk has lost as much as it still had, unless somebody else gave space
// back meanwhile.
bool DiskPlan::is_due(const std::optional<DiskSpace>& space, std::int64_t now_ms) const {
    if (last_ && now_ms < last_->not_before_ms) return false;
    if (is_below_floor(space)) return true;
    if (limits_.of_job == 0) return false;
    if (!last_ || now_ms >= last_->at_ms + longest_trust_ms) return true;
    return space && last_->space && last_->space->free - space->free >= limits_.of_job - last_->bytes;
}

std::string DiskPlan::counted(std::int64_t bytes, const std::optional<DiskSpace>& space, std::int64_t began_ms,
                              std::int64_t now_ms) {
    const auto longest_pause = is_below_floor(space) ? longest_pause_below_floor_ms : longest_trust_ms;
    last_ = Last{.bytes = bytes,
                 .space = space,
                 .at_ms = now_ms,
                 .not_before_ms = now_ms + std::min(share_of_counting * (now_ms - began_ms), longest_pause)};
    if (limits_.of_job > 0 && bytes > limits_.of_job)
        return fmt::format("the job's files take {} of the disk, more than the {} that a job may (job_disk_mb)",
                           size_text(bytes), size_text(limits_.of_job));
    if (is_below_floor(space) && bytes >= std::max(limits_.floor, space->size / least_guilty_share))
        return fmt::format(
            "the disk of this machine has {} left of the {} that are kept free (disk_floor_mb), and this job's files "
            "take {} of it",
            size_text(space->free), size_text(limits_.floor), size_text(bytes));
    return {};
}

std::optional<DiskSpace> scarcest_space(const std::vector<std::string>& places) {
    std::optional<DiskSpace> scarcest;
    for (const auto& place : places) {
        struct statvfs facts {};
        if (place.empty() || ::statvfs(place.c_str(), &facts) != 0 || facts.f_blocks == 0) continue;
        const auto unit = static_cast<std::int64_t>(facts.f_frsize);
        const DiskSpace space{.free = static_cast<std::int64_t>(facts.f_bavail) * unit,
                              .size = static_cast<std::int64_t>(facts.f_blocks) * unit};
        if (!scarcest || space.free < scarcest->free) scarcest = space;
    }
    return scarcest;
}

DiskWatch::DiskWatch(std::unique_ptr<DiskMeter> meter, DiskLimits limits, std::chrono::milliseconds every,
                     JobControl& control)
    : meter_(std::move(meter)), plan_(limits), control_(control), end_event_(::eventfd(0, EFD_CLOEXEC)) {
    if (meter_ == nullptr || (limits.of_job == 0 && limits.floor == 0)) return;
    thread_.start(std::chrono::duration_cast<Duration>(every), [this] { look(); });
}

DiskWatch::~DiskWatch() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(end_event_.get(), &one, sizeof one);
    thread_.stop();
}

void DiskWatch::look() {
    if (control_.is_stopping()) return;
    const auto before = space();
    const auto began = now_ms();
    if (!plan_.is_due(before, began)) return;
    const auto bytes = meter_->occupied(end_event_.get());
    if (thread_.is_stopping()) return;
    if (!bytes) log::warn("disk", "the job's files cannot be counted: {}", bytes.error().message);
    const auto verdict = plan_.counted(bytes.value_or(0), before, began, now_ms());
    if (!verdict.empty()) control_.stop(StopReason::over_disk, verdict);
}

std::optional<DiskSpace> DiskWatch::space() {
    if (!places_) places_ = meter_->places(end_event_.get());
    return scarcest_space(*places_);
}

std::int64_t DiskWatch::now_ms() const {
    const auto since = std::chrono::steady_clock::now() - began_;
    return std::chrono::floor<std::chrono::milliseconds>(since).count();
}

}  // namespace gyre::agent
