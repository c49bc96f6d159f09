#pragma once

// The output of steps in a backup. Most outputs are small, so they are packed: packs are compressed objects of a few
// megabytes, and an output is one stretch or several of them. What an earlier snapshot packed is not read again when
// its length is the one that the record names as final. Not thread-safe.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.h"
#include "backup/pieces.h"
#include "base/result.h"
#include "ports/output_store.h"

namespace gyre::backup {

struct Stretch {
    std::string pack;
    std::int64_t offset = 0;  // in the pack, decompressed
    std::int64_t length = 0;
};
struct PackedOutput {
    OutputName name;
    std::vector<Stretch> stretches;

    std::int64_t bytes() const;
};
// The order in which outputs are written: by job, task, attempt and step.
bool before(const OutputName& a, const OutputName& b);

// As a line of Manifest::outputs: [job, task, attempt, step, [[pack, offset, length], ...]]
std::string line_of(const PackedOutput& output);
Result<PackedOutput> read_output(std::string_view line);  // from a stranger

class OutputPacker {
public:
    explicit OutputPacker(BlobStore& store) : store_(&store), lines_(store) {}

    // Everything that is there of an output now; nothing is written for an empty one.
    Result<void> add(const OutputName& name, OutputStore& from);
    Result<void> add_again(PackedOutput known);  // that an earlier snapshot packed
    std::int64_t bytes() const { return bytes_; }
    Result<Lines> finish();                 // then only what follows, and destruction
    std::vector<StoredBlob> packs() const;  // the first most_packs that were used

private:
    Result<void> end_pack();
    Result<void> note_pack(const std::string& name);

    BlobStore* store_;
    LineWriter lines_;
    std::string pack_;
    std::vector<PackedOutput> waiting_;  // for the name of the pack that they lie in: those with an empty name
    std::int64_t bytes_ = 0;
    std::map<std::string, std::int64_t> packs_;  // sizes, by name
};

// Reads packs, the last of which is kept.
class PackReader {
public:
    explicit PackReader(BlobStore& store) : store_(&store) {}
    Result<std::string_view> read(const Stretch& stretch);  // valid until the next call

private:
    BlobStore* store_;
    std::string name_;
    std::string pack_;
};

}  // namespace gyre::backup
