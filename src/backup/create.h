#pragma once

// Makes one snapshot. First the database, as one transaction sees it; then what its rows name: blobs are there before a
// record names them and never change, outputs of steps only grow. So the whole is consistent while jobs run. Nothing
// but objects is written until finish(), so whatever ends this early leaves no backup, and saves the next one work.
// Not thread-safe.
//
// What of a row names a blob: a text in a column called `blob`. Outputs are those of the rows of the table `steps`; for
// those of `sealed_outputs` the blobs are all there is.
//
// An object that the directory has already is used when it has the right size: as the last snapshot says, or the
// installation; only where neither knows, and of the lists of chunks, all of it is read. What is found otherwise is
// written anew. Give it PlainObjects (plain_objects.h), which look at what stands there.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backup/contents.h"
#include "backup/directory.h"
#include "base/json.h"
#include "base/result.h"
#include "ports/blob_store.h"
#include "ports/output_store.h"

namespace gyre::backup {

struct DatabaseFacts {
    int schema = 0;
    std::string database;
    std::string installation = {};
};

class SnapshotWriter {
public:
    // `store` holds the directory's objects.
    SnapshotWriter(Directory& directory, BlobStore& store, Watch watch)
        : directory_(&directory), store_(&store), watch_(std::move(watch)) {}

    // The tables, in the order of loading. Beginning again forgets those that were written.
    void begin(DatabaseFacts facts);
    Result<void> begin_table(std::string name, std::vector<std::string> columns);
    Result<void> add_row(const json::array& row);
    Result<void> end_tables();

    // What the rows name. The manifest counts and names the blobs that could not be had.
    Result<void> add_objects(BlobStore& blobs, OutputStore& outputs);

    // The snapshot exists when this returns.
    Result<Snapshot> finish(Timestamp made_at, std::string gyre);

    const std::vector<std::string>& lacking() const { return lacking_; }  // the first of them, a sentence each

private:
    Result<void> end_table();
    Result<void> learn_sizes(const Manifest& last);
    Result<void> read_named(Names& trees, Names& others);
    Result<void> add_blobs(BlobStore& blobs);
    Result<void> add_blobs(BlobStore& blobs, const Names& names, LineWriter& lines, Names* chunks);
    Result<std::vector<std::string>> add_blob(BlobStore& blobs, const std::string& name, bool may_be_list);
    Result<bool> has(const std::string& name, BlobStore* blobs);
    void note_lacking(const std::string& name, const Error& why);
    Result<void> add_outputs(const Manifest& last, OutputStore& outputs);

    Directory* directory_;
    BlobStore* store_;
    Watch watch_;
    Manifest manifest_;
    std::optional<LineWriter> rows_;
    Sizes sizes_;  // of objects that the last snapshot names
    std::vector<std::string> lacking_;
};

// Keeps the newest `keep` snapshots of the installation (at least one), and the objects that the remaining ones need.
// One that lacks something never pushes out one that has all: of those that have all the newest `keep` stay, and others
// only among the newest `keep` of all. Snapshots of other installations stay; those of none (older versions') count as
// this one's. When it cannot be told what a snapshot needs, nothing but old manifests is removed, and the error says
// so.
struct Pruned {
    std::vector<std::string> snapshots;
    Directory::Swept swept;
};
Result<Pruned> prune(Directory& directory, BlobStore& store, int keep, const std::string& installation);

}  // namespace gyre::backup
