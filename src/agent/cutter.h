#pragma once

// Where a stream of bytes is cut into chunks: where its content says so, so that what was inserted or taken away
// changes the chunks around it and no others. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gyre::agent {

// In bytes. `average` is a power of two; about that is what random content comes to.
struct CutSizes {
    std::size_t least = 256 << 10;
    std::size_t average = 1 << 20;
    std::size_t most = 4 << 20;
};

// Looks for the end of one chunk while its bytes come.
class Cutter {
public:
    explicit Cutter(const CutSizes& sizes = {});

    // `bytes`: what came of the stream since the chunk's beginning, each time with what was there before. The chunk's
    // length as soon as it is certain whatever follows; the next call is about the next chunk. Nothing: it takes all
    // of `bytes`, which are fewer than `most`, and what comes next.
    std::optional<std::size_t> cut(std::string_view bytes);

private:
    std::size_t end_at(std::size_t length);

    CutSizes sizes_;
    std::size_t seen_;  // no need to look at these again
    std::uint64_t hash_ = 0;
};

// The length of the first chunk of `bytes`, which are the rest of the stream, or at least `most` bytes of it. Shorter
// than `least` at the end of the stream only; 0 for nothing.
std::size_t first_chunk(std::string_view bytes, const CutSizes& sizes = {});

}  // namespace gyre::agent
