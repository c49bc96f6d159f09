#pragma once

// What a cache or a workspace layer consists of: a blob that names the chunks of one stream in their order. The stream
// is what the chunks' content is, one after the other; each chunk is a blob of its own, one zstd frame. Chunks with the
// same content are the same blob, whoever stored them. Blobs that do not begin like a list are a whole stream in one
// zstd frame, as earlier versions stored them.
//
// The format: a line "gyre-chunks 1", then a line "<sha256> <stored bytes> <content bytes>" for each chunk.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre {

inline constexpr std::int64_t largest_chunk = 4 << 20;  // of content
inline constexpr std::int64_t largest_stored_chunk = largest_chunk + (64 << 10);
inline constexpr std::size_t most_chunks = 200'000;
inline constexpr std::int64_t largest_chunk_list = 20 << 20;

struct Chunk {
    std::string sha256;        // of the stored bytes
    std::int64_t stored = 0;   // bytes
    std::int64_t content = 0;  // bytes
    bool operator==(const Chunk&) const = default;
};
using ChunkList = std::vector<Chunk>;

bool is_chunk_list(std::string_view blob);  // its beginning is enough
bool names_chunk(std::string_view list, const std::string& sha256);
std::string write_chunk_list(const ChunkList& chunks);
// `corrupt`: no list, or one with a chunk that cannot be. `too_large`.
Result<ChunkList> read_chunk_list(std::string_view blob);

std::int64_t stored_bytes(const ChunkList& chunks);  // a chunk that comes twice counts once

}  // namespace gyre
