#pragma once

// Reads one sealed output at any place: its index first, then the frames that are wanted, of which the last few stay.
// Whoever reads on reads the blob on, so that a store far away is not asked for each frame. Thread-safe; nobody waits
// for what another reads.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "output/sealed_part.h"
#include "ports/blob_store.h"
#include "ports/sealed_outputs.h"

namespace gyre::output {

class SealedReader {
public:
    // `blobs` outlives it. corrupt: what is there is not that output; not_found, unavailable: as of the store.
    static Result<std::unique_ptr<SealedReader>> open(BlobStore& blobs, SealedOutput output);

    const SealedOutput& output() const { return output_; }
    const PartIndex& index() const { return index_; }
    // Up to `bytes` from the offset, which is not negative, to the end of their frame at most; none behind the end.
    Result<std::string> read(std::int64_t offset, std::size_t bytes);

private:
    using Bytes = std::shared_ptr<const std::string>;
    struct Frame {
        std::size_t number = 0;
        Bytes bytes;
    };
    // Open at a place of the part, with what decompresses.
    struct Stream {
        std::unique_ptr<BlobReader> from;
        std::int64_t at = 0;
        FrameReader decompress;
    };

    SealedReader(BlobStore& blobs, SealedOutput output, PartIndex index)
        : blobs_(blobs), output_(std::move(output)), index_(std::move(index)) {}
    Bytes find(std::size_t frame);
    Result<Bytes> load(std::size_t frame);
    // The one that stands there, if nobody else reads with it.
    std::unique_ptr<Stream> take_stream(std::int64_t at);
    void keep(Frame frame, std::unique_ptr<Stream> stream);

    BlobStore& blobs_;
    const SealedOutput output_;
    const PartIndex index_;
    std::mutex mutex_;                            // guards what follows; held for moments
    std::list<Frame> frames_;                     // the last used first
    std::list<std::unique_ptr<Stream>> streams_;  // likewise
};

}  // namespace gyre::output
