#include "output/sealed_reader.h"

#include <algorithm>
#include <utility>

namespace gyre::output {
namespace {

constexpr std::size_t most_frames_kept = 4;  // for as many who read at different places
constexpr std::size_t most_streams = 2;
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
    const auto number = index_.frame_of(offset);
    auto frame = find(number);
    if (!frame) {
        GYRE_TRY_ASSIGN(frame, load(number));
    }
    return frame->substr(static_cast<std::size_t>(offset - index_.frame(number).offset), bytes);
}

SealedReader::Bytes SealedReader::find(std::size_t frame) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(frames_, frame, &Frame::number);
    if (found == frames_.end()) return nullptr;
    frames_.splice(frames_.begin(), frames_, found);
    return found->bytes;
}

Result<SealedReader::Bytes> SealedReader::load(std::size_t frame) {
    const auto& begin = index_.frame(frame);
    const auto& end = index_.frame(frame + 1);
    auto stream = take_stream(begin.at);
    if (!stream) {
        stream = std::make_unique<Stream>();
        GYRE_TRY_ASSIGN(stream->from, blobs_.open(output_.blob, output_.at + begin.at));
    }
    GYRE_TRY_ASSIGN(const std::string stored, read_exactly(*stream->from, end.at - begin.at));
    stream->at = end.at;
    GYRE_TRY_ASSIGN(auto bytes, stream->decompress.read(stored, end.offset - begin.offset));
    const auto loaded = std::make_shared<const std::string>(std::move(bytes));
    if (frame + 1 == index_.frames()) stream.reset();  // what it holds is wanted no more
    keep({frame, loaded}, std::move(stream));
    return loaded;
}

std::unique_ptr<SealedReader::Stream> SealedReader::take_stream(std::int64_t at) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(streams_, [at](const auto& stream) { return stream->at == at; });
    if (found == streams_.end()) return nullptr;
    auto stream = std::move(*found);
    streams_.erase(found);
    return stream;
}

void SealedReader::keep(Frame frame, std::unique_ptr<Stream> stream) {
    const std::lock_guard lock(mutex_);
    frames_.push_front(std::move(frame));
    if (frames_.size() > most_frames_kept) frames_.pop_back();
    if (stream) streams_.push_front(std::move(stream));
    if (streams_.size() > most_streams) streams_.pop_back();
}

}  // namespace gyre::output
