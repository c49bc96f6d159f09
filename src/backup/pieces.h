#pragma once

// Long texts as pieces in a store of blobs. Lines are cut into pieces where their content says so, so that a stretch of
// lines which did not change since the last backup is the piece that is there already. A piece is zstd-compressed and
// named by the SHA-256 of its stored bytes. Not thread-safe.
//
// Memory: one piece (a few megabytes) and the longest line. Errors: corrupt (a piece is not what was written, or not
// what its list says of it), not_found (it is gone), unavailable.

#include <boost/describe.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/blob_store.h"

namespace gyre::backup {

// What was written, to be kept with it.
struct Lines {
    std::int64_t lines = 0;
    std::int64_t bytes = 0;  // with the lines' ends, before compression
    std::vector<std::string> pieces;
    bool operator==(const Lines&) const = default;
};
BOOST_DESCRIBE_STRUCT(Lines, (), (lines, bytes, pieces))

// Stores bytes under their hash, which is answered, unless they are there.
Result<std::string> put_blob(BlobStore& store, std::string_view bytes);
// The same, compressed.
Result<std::string> put_compressed(BlobStore& store, std::string_view bytes);
// The bytes that put_compressed() was given; more than `most` is `corrupt`.
Result<std::string> get_compressed(BlobStore& store, const std::string& name, std::size_t most);

class LineWriter {
public:
    explicit LineWriter(BlobStore& store) : store_(&store) {}
    Result<void> add(std::string_view line);  // without its end, and without any within it
    Result<Lines> finish();                   // then only destruction

private:
    Result<void> cut();

    BlobStore* store_;
    std::string piece_;
    Lines written_;
};

class LineReader {
public:
    // `lines` may come from a stranger.
    LineReader(BlobStore& store, Lines lines);
    ~LineReader();
    LineReader(LineReader&&) noexcept;
    LineReader& operator=(LineReader&&) = delete;

    // The next line, valid until the next call; nothing at the end, once what came is as much as was promised.
    Result<std::optional<std::string_view>> next();

private:
    class Inflater;
    Result<bool> read_more();

    BlobStore* store_;
    Lines lines_;
    std::unique_ptr<Inflater> inflater_;
    std::unique_ptr<BlobReader> reader_;
    std::size_t piece_ = 0;     // which is read next
    std::string buffer_;        // decompressed
    std::size_t at_ = 0;        // how much of it was handed out
    std::size_t searched_ = 0;  // up to here there is no end of a line
    std::int64_t lines_read_ = 0;
    std::int64_t bytes_read_ = 0;  // decompressed so far
};

}  // namespace gyre::backup
