#include "agent/zstd_chunk.h"

#include <algorithm>

namespace gyre::agent {
namespace {

constexpr int compression_level = 3;

}  // namespace

ChunkCompressor::ChunkCompressor() : context_(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 0);  // its name tells whether a chunk is whole
}

Result<std::string> ChunkCompressor::compress(std::string_view content) {
    room_.resize(std::max(room_.size(), ZSTD_compressBound(content.size())));
    const auto size = ZSTD_compress2(context_.get(), room_.data(), room_.size(), content.data(), content.size());
    if (ZSTD_isError(size)) return unavailable(std::string("compressing: ") + ZSTD_getErrorName(size));
    return room_.substr(0, size);
}

ChunkDecompressor::ChunkDecompressor() : context_(ZSTD_createDCtx()) {}

Result<std::string> ChunkDecompressor::decompress(std::string_view frame, std::size_t size) {
    std::string content(size, '\0');
    const auto got = ZSTD_decompressDCtx(context_.get(), content.data(), content.size(), frame.data(), frame.size());
    if (ZSTD_isError(got)) return corrupt(std::string("decompressing: ") + ZSTD_getErrorName(got));
    if (got != size) return corrupt("decompressing: a chunk holds less than its list says");
    return content;
}

}  // namespace gyre::agent
