#include "output/sealed_reader.h"

#include <algorithm>

namespace gyre::output {
namespace {

constexpr std::int64_t read_first = 64 << 10;  // of the end: the index of 5,000 frames

Result<std::string> read_exactly(BlobReader& from, std::int64_t bytes) {
    std::string all;
    while (std::ssize(all) < bytes) {
        GYRE_TRY_ASSIGN(const std::string piece, from.read(static_cast<std::size_t>(bytes) - all.size()));
        if (piece.empty()) return corrupt("the blob of a sealed output is too short");
        all += piece;
    }
    return all;
}

Result<std::string> read_range(BlobStore& blobs, const SealedOutput& output, std::int64_t at, std::int64_t bytes) {
    GYRE_TRY_ASSIGN(const auto stream, blobs.open(output.blob, output.at + at));
    return read_exactly(*stream, bytes);
}

}  // namespace

Result<std::unique_ptr<SealedReader>> SealedReader::open(BlobStore& blobs, SealedOutput output) {
    std::int64_t wanted = std::min(output.size, read_first);
    GYRE_TRY_ASSIGN(std::string end, read_range(blobs, output, output.size - wanted, wanted));
    GYRE_TRY_ASSIGN(const auto size, PartIndex::size_from(end));
    if (size > wanted && size <= output.size) {
        GYRE_TRY_ASSIGN(end, read_range(blobs, output, output.size - size, size));
        wanted = size;
    }
    if (size > wanted) return corrupt("a sealed output is shorter than its index");
    const auto index_text = std::string_view(end).substr(static_cast<std::size_t>(wanted - size));
    GYRE_TRY_ASSIGN(auto index, PartIndex::parse(index_text, output.size));
    if (index.bytes() != output.bytes) return corrupt("a sealed output has another length than its record says");
    return std::unique_ptr<SealedReader>(new SealedReader(blobs, std::move(output), std::move(index)));
}

Result<std::string> SealedReader::read(std::int64_t offset, std::size_t bytes) {
    if (offset >= index_.bytes()) return std::string();
    const auto frame = index_.frame_of(offset);
    const std::lock_guard turn(mutex_);
    if (frame_.empty() || frame_number_ != frame) GYRE_TRY(load(frame));
    return frame_.substr(static_cast<std::size_t>(offset - index_.frame(frame).offset), bytes);
}

Result<void> SealedReader::load(std::size_t frame) {
    const auto& begin = index_.frame(frame);
    const auto& end = index_.frame(frame + 1);
    frame_.clear();
    auto stored = read_blob(begin.at, end.at - begin.at);
    if (!stored) {
        stream_.reset();
        return stored.error();
    }
    GYRE_TRY_ASSIGN(frame_, decompress_.read(*stored, end.offset - begin.offset));
    frame_number_ = frame;
    if (frame + 1 == index_.frames()) stream_.reset();  // what it holds is wanted no more
    return {};
}

Result<std::string> SealedReader::read_blob(std::int64_t at, std::int64_t bytes) {
    if (!stream_ || stream_at_ != at) {
        GYRE_TRY_ASSIGN(stream_, blobs_.open(output_.blob, output_.at + at));
    }
    stream_at_ = at + bytes;
    return read_exactly(*stream_, bytes);
}

}  // namespace gyre::output
