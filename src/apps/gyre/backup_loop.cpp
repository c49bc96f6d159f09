#include "apps/gyre/backup_loop.h"

#include <algorithm>

#include "apps/gyre/backup_make.h"
#include "base/log.h"

namespace gyre::apps {
namespace {

constexpr Duration try_again = std::chrono::minutes{15};  // after a failure
constexpr Duration longest_nap = std::chrono::hours{1};   // clocks may be set

Result<std::optional<Timestamp>> newest_in(const std::string& path) {
    const auto directory = backup::Directory::open(path, backup::Use::read);
    if (!directory && directory.error().fault == Fault::not_found) return std::optional<Timestamp>();
    if (!directory && directory.error().fault == Fault::invalid) return std::optional<Timestamp>();  // told when making
    if (!directory) return directory.error();
    GYRE_TRY_ASSIGN(const auto listed, directory->list());
    if (listed.snapshots.empty()) return std::optional<Timestamp>();
    return std::optional(listed.snapshots.back().manifest.made_at);
}

}  // namespace

BackupWork backup_work(const ServerSettings& settings) {
    BackupWork work;
    work.newest = [to = settings.backup_to] { return newest_in(to); };
    work.make = [settings](const backup::Watch& watch, backup::Trust trust) -> Result<NewBackup> {
        GYRE_TRY_ASSIGN(const auto made, make_backup(settings, settings.backup_to, 0, watch, trust));
        for (const auto& sentence : made.mended) log::warn("backup", "{}; it was written anew", sentence);
        for (const auto& sentence : made.lacking) log::warn("backup", "not in the backup: {}", sentence);
        log::info("backup", "{} made in {} ms: {} rows, {} objects, output of {} steps", made.snapshot.id,
                  made.took.count(), made.snapshot.manifest.rows(), made.snapshot.manifest.blobs.lines,
                  made.snapshot.manifest.outputs.lines);
        return NewBackup{made.snapshot.id, made.snapshot.manifest.lacking};
    };
    if (settings.backup_keep > 0) {
        work.prune = [settings]() -> Result<void> {
            GYRE_TRY(prune_backups(settings, settings.backup_to, settings.backup_keep));
            return {};
        };
    }
    if (settings.backup_verify == "no") return work;
    work.check = [to = settings.backup_to](const std::string& id, const backup::Watch& watch) -> Result<std::string> {
        GYRE_TRY_ASSIGN(const auto checked, check_backup(to, id, watch));
        return checked.good() ? std::string() : checked.findings.front();
    };
    return work;
}

BackupLoop::BackupLoop(BackupWork work, Duration every, const Clock& clock)
    : work_(std::move(work)), every_(every), clock_(clock) {}

BackupLoop::~BackupLoop() { stop(); }

void BackupLoop::start() {
    if (every_ > Duration{0}) thread_ = std::thread([this] { run(); });
}

void BackupLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BackupLoop::tell(bool well, std::string message) {
    if (!well) log::error("backup", "{}", message);
    const std::lock_guard lock(mutex_);
    well_ = well;
    message_ = std::move(message);
}

Result<std::string> BackupLoop::health() const {
    if (every_ <= Duration{0}) return std::string("backups are not scheduled");
    const std::lock_guard lock(mutex_);
    if (!well_) return unavailable(message_);
    return message_;
}

Result<void> BackupLoop::make_and_check() {
    const backup::Watch watch = [this](const backup::Progress&) -> Result<void> {
        return stopping_ ? Result<void>(unavailable("the server stops")) : Result<void>();
    };
    GYRE_TRY_ASSIGN(const auto made, work_.make(watch, trust_));
    const std::string& id = made.id;
    std::string wrong;
    if (work_.check) {
        GYRE_TRY_ASSIGN(wrong, work_.check(id, watch));
    }
    trust_ = wrong.empty() ? backup::Trust::size : backup::Trust::content;
    if (!wrong.empty()) return corrupt("backup " + id + " was made, and is not good: " + wrong);
    if (work_.prune) {
        if (const auto pruned = work_.prune(); !pruned)
            return pruned.error().during("backup " + id + " is made; removing old ones");
    }
    std::string lacks;
    if (made.lacking > 0)
        lacks = "; the installation lacks " + std::to_string(made.lacking) +
                " objects that its records name: see gyre doctor";
    tell(true, "backup " + id + " was made" + (work_.check ? ", restored for a test, and is good" : "") + lacks);
    return {};
}

Duration BackupLoop::turn() {
    const auto newest = work_.newest();
    if (newest && *newest) {
        // A time to come is that of a clock which was set back since.
        const Duration age = std::max(clock_.now() - **newest, Duration{0});
        if (age < every_) return std::min(every_ - age, longest_nap);
    }
    const bool busy = !newest && newest.error().fault == Fault::conflict;  // somebody else makes one
    const auto done = busy ? newest.error() : newest ? make_and_check() : Result<void>(newest.error());
    if (done) return std::min(every_, longest_nap);
    if (stopping_ || done.error().fault == Fault::conflict) return std::min(every_, Duration{std::chrono::minutes{1}});
    tell(false, done.error().message);
    return std::min(every_, try_again);
}

void BackupLoop::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const Duration nap = turn();
        lock.lock();
        changed_.wait_for(lock, nap, [this] { return stopping_.load(); });
    }
}

}  // namespace gyre::apps
