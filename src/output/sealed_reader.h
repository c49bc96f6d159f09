#pragma once

// Reads one sealed output at any place: its index first, then the frames that are wanted. Whoever reads on reads the
// blob on, so that a store far away is not asked for each frame. Thread-safe; readers take turns.

#include <cstdint>
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
    // Up to `bytes` from the offset, to the end of their frame at most; none behind the end.
    Result<std::string> read(std::int64_t offset, std::size_t bytes);

private:
    SealedReader(BlobStore& blobs, SealedOutput output, PartIndex index)
        : blobs_(blobs), output_(std::move(output)), index_(std::move(index)) {}
    Result<void> load(std::size_t frame);
    Result<std::string> read_blob(std::int64_t at, std::int64_t bytes);

    BlobStore& blobs_;
    const SealedOutput output_;
    const PartIndex index_;
    std::mutex mutex_;  // guards what follows
    FrameReader decompress_;
    std::unique_ptr<BlobReader> stream_;  // perhaps
    std::int64_t stream_at_ = 0;          // in the part
    std::string frame_;                   // the one read last
    std::size_t frame_number_ = 0;
};

}  // namespace gyre::output
