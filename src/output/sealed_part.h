#pragma once

// The form of a sealed output: a part of a blob, which by itself is a whole file of zstd's seekable format
// (facebook/zstd, contrib/seekable_format), so that `zstd -d` of such a blob gives the bytes as the step wrote them.
//
//   frames      zstd, each by itself, with a checksum; of frame_bytes of output, the last one of fewer
//   lines       a skippable frame (magic 0x184D2A50): for each frame how many lines end in it, 32 bits; then the
//               SHA-256 of these numbers and of the sizes below
//   seek table  a skippable frame (0x184D2A5E): for each frame its size compressed and not, 32 bits each; then the
//               number of frames, a zero byte, and 0x8F92EAB1
//
// All numbers are little-endian. The index, which is what follows the frames, tells of any line or byte in which frame
// it is: 12 bytes for each frame. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/output_store.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace gyre::output {

constexpr std::size_t frame_bytes = 256 << 10;
constexpr std::int64_t most_frames = 1 << 20;  // of one part: 256 GiB of output

struct FrameFacts {
    std::uint32_t stored = 0;  // bytes, compressed
    std::uint32_t bytes = 0;   // of output
    std::uint32_t ends = 0;    // lines that end in it
};

// Makes one part after another; the same bytes give the same part, as long as the library is the same.
class PartWriter {
public:
    PartWriter();

    // Appends to `to` what is ready. too_large: more than most_frames.
    Result<void> add(std::string_view bytes, std::string& to);
    // Appends the rest, and begins the next part.
    Result<void> finish(std::string& to);

private:
    Result<void> end_frame(std::string& to);

    std::unique_ptr<ZSTD_CCtx_s, std::size_t (*)(ZSTD_CCtx_s*)> context_;
    std::string frame_;  // not compressed yet
    std::vector<FrameFacts> frames_;
};

// What a part's index says. Immutable.
class PartIndex {
public:
    // The size of the index of so many frames.
    static std::int64_t size_of(std::int64_t frames);
    // How large the index at the end of a part is, from the last `footer` bytes of the part or more of them.
    static constexpr std::size_t footer = 9;
    static Result<std::int64_t> size_from(std::string_view end);
    // `index`: all of it; `part`: the size of the part. `corrupt` unless everything fits.
    static Result<PartIndex> parse(std::string_view index, std::int64_t part);

    struct Frame {
        std::int64_t at = 0;      // in the part
        std::int64_t offset = 0;  // in the output
        std::int64_t ends = 0;    // lines that end before it
    };
    std::size_t frames() const { return frames_.size() - 1; }
    // One behind the last has the part's totals.
    const Frame& frame(std::size_t number) const { return frames_[number]; }
    std::int64_t bytes() const { return frames_.back().offset; }
    std::int64_t ends() const { return frames_.back().ends; }
    // The frame with this byte, which must be there.
    std::size_t frame_of(std::int64_t offset) const;
    // The start of the last frame before which at most `ends` lines end.
    LineMark mark(std::int64_t ends) const;

private:
    std::vector<Frame> frames_;
};

// Keeps its memory from frame to frame.
class FrameReader {
public:
    FrameReader();
    // `corrupt` unless the frame holds exactly `bytes` bytes.
    Result<std::string> read(std::string_view frame, std::int64_t bytes);

private:
    std::unique_ptr<ZSTD_DCtx_s, std::size_t (*)(ZSTD_DCtx_s*)> context_;
};

}  // namespace gyre::output
