#pragma once

// What a snapshot holds, walked through: which objects it needs, whether they are whole, and putting them back.
// Memory: 32 bytes an object (Sizes: 40). Errors: corrupt, not_found, unavailable; the message names what is damaged.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.h"
#include "base/json.h"
#include "base/result.h"
#include "ports/blob_store.h"
#include "ports/output_store.h"

namespace gyre::backup {

// How far some work is; an error from whoever watches ends it.
struct Progress {
    std::string_view part;  // "database", "objects", "outputs", "checking"
    std::int64_t done = 0;
    std::int64_t total = 0;  // 0: nobody knows yet
};
using Watch = std::function<Result<void>(const Progress&)>;

// Names of objects, each once. Adding a name again and again costs no more memory than twice that of all of them.
class Names {
public:
    void add(const std::string& name);  // 64 hexadecimal digits
    void settle();                      // before the following
    bool contains(const std::string& name) const;
    std::size_t size() const { return names_.size(); }
    std::string at(std::size_t place) const;

private:
    std::vector<std::array<char, 32>> names_;
    std::size_t settle_at_ = 1 << 16;
};

// How large objects are.
class Sizes {
public:
    void add(const StoredBlob& blob);
    void settle();  // before the following
    std::optional<std::int64_t> find(const std::string& name) const;

private:
    struct Entry {
        std::array<char, 32> name;
        std::int64_t bytes;
    };
    std::vector<Entry> entries_;
};

// The rows of one table, in their order.
class RowReader {
public:
    RowReader(BlobStore& store, const TableRows& table)
        : lines_(store, table.rows), table_(table.name), columns_(table.columns.size()) {}
    Result<std::optional<json::array>> next();

private:
    LineReader lines_;
    std::string table_;
    std::size_t columns_;
};
Result<void> each_row(BlobStore& store, const TableRows& table,
                      const std::function<Result<void>(const json::array& row)>& act);
Result<void> each_blob(BlobStore& store, const Manifest& manifest,
                       const std::function<Result<void>(const StoredBlob& blob)>& act);

// All that the snapshot needs, its lists included. Reads the lists.
Result<void> add_objects(BlobStore& store, const Manifest& manifest, Names& names);

// What is damaged or missing among the named objects, a sentence each; at most 100 of them.
Result<std::vector<std::string>> check_objects(BlobStore& store, const Names& names, const Watch& watch);

// Stores blobs and outputs where an installation has them.
Result<void> put_back(BlobStore& store, const Manifest& manifest, BlobStore& blobs, OutputStore& outputs,
                      const Watch& watch);

// Reads one blob whole, which checks its hash.
Result<void> read_to_end(BlobStore& store, const std::string& name);

// Whether the blobs that rows of this table name may be lists of chunks (model/chunk_list.h), so that the chunks are
// needed as well. What a job stores as an artifact is only bytes, however it begins.
bool names_trees(std::string_view table);

// The chunks of a cache or layer that is a list of them; none of any other blob. Reads it whole, but for what begins
// like a stream.
Result<std::vector<std::string>> chunks_of(BlobStore& store, const std::string& name);

// Copies one blob, unless it is there; goes on with what was copied before.
Result<void> copy_blob(BlobStore& from, BlobStore& to, const std::string& name);
// The same without a look at whether it is there.
Result<void> copy_anew(BlobStore& from, BlobStore& to, const std::string& name);

}  // namespace gyre::backup
