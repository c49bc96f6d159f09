#pragma once

// Restoring a snapshot into an empty data directory (and an empty database, where the settings name one). Everything is
// read and checked first, then put beneath <data>/restoring, and moved to its place at the end, the database last. As
// long as <data>/restoring is there no server starts on the directory; the same restore may be made again.

#include <string>

#include "adapters/sql/database.h"
#include "apps/gyre/settings.h"
#include "backup/contents.h"
#include "base/result.h"

namespace gyre::apps {

// Whether this version can restore it.
Result<void> check_schema(const backup::Manifest& manifest);

// Fills an empty database with a snapshot's tables and brings its schema up to date, in one transaction.
Result<void> load_tables(sql::Database& database, BlobStore& objects, const backup::Manifest& manifest,
                         const backup::Watch& watch);

struct Restored {
    backup::Snapshot snapshot;
    int ended = 0;  // attempts that ran when the snapshot was made: the first start makes new ones of them
};
Result<Restored> restore(const ServerSettings& settings, const std::string& from, const std::string& id,
                         const backup::Watch& watch);

// Whether a restore into the directory was begun and did not end.
bool restore_is_unfinished(const std::string& data_dir);

}  // namespace gyre::apps
