#pragma once

// Where a stream of bytes is cut into chunks: where its content says so, so that what was inserted or taken away
// changes the chunks around it and no others. Pure.

#include <cstddef>
#include <string_view>

namespace gyre::agent {

// In bytes. `average` is a power of two; about that is what random content comes to.
struct CutSizes {
    std::size_t least = 256 << 10;
    std::size_t average = 1 << 20;
    std::size_t most = 4 << 20;
};

// The length of the first chunk of `bytes`, which are the rest of the stream, or at least `most` bytes of it. Shorter
// than `least` at the end of the stream only; 0 for nothing.
std::size_t first_chunk(std::string_view bytes, const CutSizes& sizes = {});

}  // namespace gyre::agent
