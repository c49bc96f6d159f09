#pragma once

// What one snapshot consists of: the only file that names its pieces, and written last. A snapshot's id is its time
// and the first digits of the SHA-256 of this file, so that the name tells whether the text is whole. Pure.

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "backup/pieces.h"
#include "base/clock.h"
#include "base/result.h"

namespace gyre::backup {

inline constexpr int format = 1;  // of manifests and of the directory; what is newer is refused
inline constexpr std::size_t most_packs = 200'000;
inline constexpr std::size_t most_lacking_named = 1000;

// The rows of one table, a JSON array of values each.
struct TableRows {
    std::string name;
    std::vector<std::string> columns;
    Lines rows;
    bool operator==(const TableRows&) const = default;
};
BOOST_DESCRIBE_STRUCT(TableRows, (), (name, columns, rows))

struct StoredBlob {
    std::string name;
    std::int64_t bytes = 0;
    bool operator==(const StoredBlob&) const = default;
};
BOOST_DESCRIBE_STRUCT(StoredBlob, (), (name, bytes))

// Of what earlier versions did not write yet, the members are as they are made here.
struct Manifest {
    int format = backup::format;
    Timestamp made_at{};
    std::string gyre;          // the version that wrote it
    int schema = 0;            // number of the database's schema
    std::string database;      // "sqlite" or "postgres"; for people, any can be restored into any
    std::string installation;  // its id; empty: of a version or schema that had none
    std::vector<TableRows> tables;
    Lines blobs;                  // [sha256, bytes], by name: caches, artifacts, workspaces
    std::int64_t blob_bytes = 0;  // of all of them
    Lines outputs;                // of steps; see outputs.h
    std::int64_t output_bytes = 0;
    std::vector<StoredBlob>
        packs;                 // that outputs lie in, or the first most_packs of them; not in all versions' manifests
    std::int64_t lacking = 0;  // blobs that the installation's records name, and that it has not, or only damaged
    std::vector<std::string> lacking_blobs;  // the first most_lacking_named of them; not in all versions' manifests

    bool operator==(const Manifest&) const = default;
    std::int64_t rows() const;
};
BOOST_DESCRIBE_STRUCT(Manifest, (),
                      (format, made_at, gyre, schema, database, installation, tables, blobs, blob_bytes, outputs,
                       output_bytes, packs, lacking, lacking_blobs))

struct Snapshot {
    std::string id;
    Manifest manifest;
};

std::string manifest_text(const Manifest& manifest);
// The id of a snapshot whose manifest has this text.
std::string snapshot_id(Timestamp made_at, std::string_view manifest);
bool is_snapshot_id(std::string_view id);

// Reads what may come from a stranger. Errors: corrupt (not what the id says), invalid (written by a newer version).
Result<Snapshot> read_manifest(const std::string& id, std::string_view text);

}  // namespace gyre::backup
