#pragma once

// Makes a backup from time to time, checks it, and says how that went. A restart shifts nothing: the next backup is due
// when the newest one is old enough, whoever made it. A failed one is tried again soon; after one that is not good, the
// next reads all that it takes over from those before. Several servers may share one directory of backups: whoever is
// first makes the backup, the others see it.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apps/gyre/settings.h"
#include "backup/contents.h"
#include "backup/plain_objects.h"
#include "base/clock.h"
#include "base/result.h"

namespace gyre::apps {

struct NewBackup {
    std::string id;
    std::int64_t lacking = 0;  // objects that the installation had lost
};
// What the loop does, apart from when.
struct BackupWork {
    std::function<Result<std::optional<Timestamp>>()> newest;                    // when the newest backup was made
    std::function<Result<NewBackup>(const backup::Watch&, backup::Trust)> make;  // trust: in what was written before
    // Answers what is wrong with it, a sentence; empty: it is good.
    std::function<Result<std::string>(const std::string& id, const backup::Watch&)> check;
    // Removes old ones; never for a new one that is not good. Nothing when all stay.
    std::function<Result<void>()> prune;
};
// As the settings say. Nothing to check when they do not want it.
BackupWork backup_work(const ServerSettings& settings);

class BackupLoop {
public:
    // `every`: zero or less: never.
    BackupLoop(BackupWork work, Duration every, const Clock& clock);
    ~BackupLoop();  // stops

    void start();
    void stop();  // what is being made is left unfinished, which is no backup

    // One look: makes a backup if one is due. Answers how long to wait for the next look. The thread calls it.
    Duration turn();
    Result<std::string> health() const;

private:
    Result<void> make_and_check();
    void tell(bool well, std::string message);
    void run();

    BackupWork work_;
    Duration every_;
    const Clock& clock_;
    backup::Trust trust_ = backup::Trust::size;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    bool well_ = true;
    std::string message_ = "none was due yet";
    std::thread thread_;
};

}  // namespace gyre::apps
