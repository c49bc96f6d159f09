#pragma once

// Reads every object that the records of an installation need, whole: the blobs that rows name and, of caches and
// layers that are lists of chunks, the chunks. Safe beside a running server: no transaction is held while objects are
// read, and what was not good is asked for again before it is told. Changes nothing.
//
// Memory: 32 bytes for each object. Errors: unavailable (the store or the database is away).

#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "apps/gyre/examine.h"
#include "backup/contents.h"
#include "base/result.h"
#include "ports/blob_store.h"

namespace gyre::apps {

// A row that needs an object.
struct BlobUser {
    std::string table;
    std::string blob;   // that the row names: the object itself, or a list that it is a chunk of
    std::string words;  // for people: "cache 'deps-1' of project 7b..."
};
struct BadObject {
    std::string name;
    bool damaged = false;  // it is there, and not what was stored; else it is missing
    std::int64_t uses = 0;
    std::vector<BlobUser> users;  // the first most_users of them
};
inline constexpr std::size_t most_users = 1000;

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
