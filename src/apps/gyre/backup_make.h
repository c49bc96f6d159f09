#pragma once

// Making and checking the backups of an installation, beside its running server or without one.

#include <optional>
#include <string>
#include <vector>

#include "apps/gyre/settings.h"
#include "backup/create.h"
#include "backup/plain_objects.h"
#include "base/result.h"

namespace gyre::apps {

struct MadeBackup {
    backup::Snapshot snapshot;
    std::vector<std::string> lacking;      // a sentence each; the first few of manifest.lacking
    std::vector<std::string> mended;       // what was damaged in the directory and is written anew, likewise
    std::optional<backup::Pruned> pruned;  // when old ones were to be removed
    Duration took{};
};
// `keep`: this many of the newest snapshots stay (backup::prune), without a look at whether they are good; 0: all do.
// `trust`: of what the directory has already. `invalid`: the directory is one that the server fills itself; `conflict`:
// it holds backups of another installation, or database and objects are not of one (one_installation.h).
Result<MadeBackup> make_backup(const ServerSettings& settings, const std::string& to, int keep,
                               const backup::Watch& watch, backup::Trust trust = backup::Trust::size);
// The same, alone, of a directory with backups of the installation.
Result<backup::Pruned> prune_backups(const ServerSettings& settings, const std::string& from, int keep);

struct CheckedBackup {
    backup::Snapshot snapshot;
    std::size_t objects = 0;            // that were read, each with its hash
    std::vector<std::string> findings;  // what is wrong, a sentence each; none: it can be restored
    bool good() const { return findings.empty(); }
    // It has all that the installation's records named. What it lacks, the installation had lost before.
    bool complete() const { return snapshot.manifest.lacking == 0; }
};
// Reads every object of the snapshot, restores its database into a scratch directory below the system's temporary one
// ($TMPDIR), and examines the records there.
Result<CheckedBackup> check_backup(const std::string& from, const std::string& id, const backup::Watch& watch);

}  // namespace gyre::apps
