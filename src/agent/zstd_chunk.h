#pragma once

// One chunk as one zstd frame. Each object keeps its memory from chunk to chunk; one thread at a time.

#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::agent {

class ChunkCompressor {
public:
    ChunkCompressor();
    // The same bytes give the same frame, as long as the library is the same.
    Result<std::string> compress(std::string_view content);

private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    std::unique_ptr<ZSTD_CCtx, Free> context_;
    std::string room_;  // for the longest frame so far
};

class ChunkDecompressor {
public:
    ChunkDecompressor();
    // `corrupt` unless the frame holds exactly `size` bytes.
    Result<std::string> decompress(std::string_view frame, std::size_t size);

private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace gyre::agent
