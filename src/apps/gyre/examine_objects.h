#pragma once

// Reads every object that the records of an installation need, whole: the blobs that rows name and, of caches and
// layers that are lists of chunks, the chunks. Safe beside a running server: no transaction is held while objects are
// read, and what was not good is asked for again before it is told. Changes nothing.
//
// Memory: 32 bytes for each object, and the names of those lists that have a bad chunk. Errors: unavailable (the store
// or the database is away).

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "apps/gyre/examine.h"
#include "backup/contents.h"
#include "base/result.h"
#include "ports/blob_store.h"

namespace gyre::apps {

struct BadObject {
    std::string name;
    bool damaged = false;            // it is there, and not what was stored; else it is missing
    std::int64_t uses = 0;           // rows that need it
    std::set<std::string> tables;    // of these
    std::set<std::string> blobs;     // that these name: the object itself, or lists that it is a chunk of
    std::vector<std::string> users;  // the first most_users, for people: "cache 'deps-1' of project 7b..."
};
inline constexpr std::size_t most_users = 3;

struct ExaminedObjects {
    std::size_t objects = 0;
    std::size_t chunks = 0;         // of them, those that only lists name
    std::vector<BadObject> bad;     // by name
    std::vector<Finding> findings;  // of the rows
};
// After `most` bad objects it stops.
Result<ExaminedObjects> examine_objects(sql::Database& database, BlobStore& blobs, const backup::Watch& watch,
                                        std::size_t most = 200);

// Which of the sealed outputs in a blob cannot be read to their ends, a finding each. `outputs`: how many lie in it.
struct ExaminedPack {
    std::int64_t outputs = 0;
    std::vector<Finding> findings;
};
Result<ExaminedPack> examine_pack(sql::Database& database, BlobStore& blobs, const std::string& blob,
                                  std::size_t most = 200);

}  // namespace gyre::apps
