#include "output/sealed_part.h"

#include <zstd.h>

#include <algorithm>
#include <span>

#include "base/digest.h"

namespace gyre::output {
namespace {

constexpr int level = 3;
constexpr std::uint32_t lines_magic = 0x184D2A50;
constexpr std::uint32_t table_magic = 0x184D2A5E;
constexpr std::uint32_t seekable_magic = 0x8F92EAB1;
constexpr std::size_t head_bytes = 8;  // of a skippable frame: its magic and the size of what follows
constexpr std::size_t digest_bytes = 32;

void put_number(std::string& to, std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) to += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return number;
}

std::string digest_of(std::string_view lines, std::string_view sizes) {
    Sha256 hash;
    hash.update(lines);
    hash.update(sizes);
    return hash.finish();
}

std::string index_of(std::span<const FrameFacts> frames) {
    std::string lines;
    std::string sizes;
    for (const auto& frame : frames) {
        put_number(lines, frame.ends);
        put_number(sizes, frame.stored);
        put_number(sizes, frame.bytes);
    }
    std::string index;
    put_number(index, lines_magic);
    put_number(index, static_cast<std::uint32_t>(lines.size() + digest_bytes));
    index += lines + digest_of(lines, sizes);
    put_number(index, table_magic);
    put_number(index, static_cast<std::uint32_t>(sizes.size() + PartIndex::footer));
    index += sizes;
    put_number(index, static_cast<std::uint32_t>(frames.size()));
    index += '\0';
    put_number(index, seekable_magic);
    return index;
}

Error damaged() { return corrupt("the index of a sealed output is damaged"); }

}  // namespace

PartWriter::PartWriter() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

Result<void> PartWriter::add(std::string_view bytes, std::string& to) {
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, frame_bytes - frame_.size());
        frame_ += piece;
        bytes.remove_prefix(piece.size());
        if (frame_.size() == frame_bytes) GYRE_TRY(end_frame(to));
    }
    return {};
}

Result<void> PartWriter::end_frame(std::string& to) {
    if (std::ssize(frames_) == most_frames) return too_large("an output of more than 256 GiB cannot be sealed");
    const auto before = to.size();
    to.resize(before + ZSTD_compressBound(frame_.size()));
    const auto size =
        ZSTD_compress2(context_.get(), to.data() + before, to.size() - before, frame_.data(), frame_.size());
    to.resize(before + (ZSTD_isError(size) ? 0 : size));
    if (ZSTD_isError(size)) return unavailable(std::string("compressing output: ") + ZSTD_getErrorName(size));
    const auto ends = std::count(frame_.begin(), frame_.end(), '\n');
    frames_.push_back({static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(frame_.size()),
                       static_cast<std::uint32_t>(ends)});
    frame_.clear();
    return {};
}

Result<void> PartWriter::finish(std::string& to) {
    if (!frame_.empty()) GYRE_TRY(end_frame(to));
    to += index_of(frames_);
    frames_.clear();
    return {};
}

std::int64_t PartIndex::size_of(std::int64_t frames) {
    return static_cast<std::int64_t>(head_bytes + digest_bytes + head_bytes + footer) + 12 * frames;
}

Result<std::int64_t> PartIndex::size_from(std::string_view end) {
    if (end.size() < footer) return damaged();
    end.remove_prefix(end.size() - footer);
    const std::int64_t frames = number_at(end, 0);
    if (number_at(end, 5) != seekable_magic || end[4] != 0 || frames < 1 || frames > most_frames) return damaged();
    return size_of(frames);
}

Result<PartIndex> PartIndex::parse(std::string_view index, std::int64_t part) {
    GYRE_TRY_ASSIGN(const auto size, size_from(index));
    if (std::ssize(index) != size || size > part) return damaged();
    const auto count = static_cast<std::size_t>(number_at(index, index.size() - footer));
    const auto lines = index.substr(head_bytes, 4 * count);
    const auto digest = index.substr(head_bytes + lines.size(), digest_bytes);
    const auto table = index.substr(head_bytes + lines.size() + digest_bytes);
    const auto sizes = table.substr(head_bytes, 8 * count);
    const bool fits = number_at(index, 0) == lines_magic && number_at(index, 4) == lines.size() + digest_bytes &&
                      number_at(table, 0) == table_magic && number_at(table, 4) == sizes.size() + footer;
    if (!fits || digest != digest_of(lines, sizes)) return damaged();
    PartIndex parsed;
    parsed.frames_.reserve(count + 1);
    Frame next;
    for (std::size_t i = 0; i < count; ++i) {
        const FrameFacts facts{number_at(sizes, 8 * i), number_at(sizes, 8 * i + 4), number_at(lines, 4 * i)};
        const bool whole = facts.bytes == frame_bytes || (i + 1 == count && facts.bytes > 0);
        if (!whole || facts.bytes > frame_bytes || facts.ends > facts.bytes || facts.stored == 0 ||
            facts.stored > ZSTD_COMPRESSBOUND(frame_bytes))
            return damaged();
        parsed.frames_.push_back(next);
        next = {next.at + facts.stored, next.offset + facts.bytes, next.ends + facts.ends};
    }
    parsed.frames_.push_back(next);
    if (next.at + size != part) return damaged();
    return parsed;
}

std::size_t PartIndex::frame_of(std::int64_t offset) const {
    return static_cast<std::size_t>(offset / static_cast<std::int64_t>(frame_bytes));
}

LineMark PartIndex::mark(std::int64_t ends) const {
    const auto behind = std::upper_bound(frames_.begin(), frames_.end() - 1, ends,
                                         [](std::int64_t wanted, const Frame& frame) { return wanted < frame.ends; });
    if (behind == frames_.begin()) return {};
    const auto& frame = *(behind - 1);
    return {frame.offset, frame.ends};
}

FrameReader::FrameReader() : context_(ZSTD_createDCtx(), ZSTD_freeDCtx) {}

Result<std::string> FrameReader::read(std::string_view frame, std::int64_t bytes) {
    std::string content(static_cast<std::size_t>(bytes), '\0');
    const auto got = ZSTD_decompressDCtx(context_.get(), content.data(), content.size(), frame.data(), frame.size());
    if (ZSTD_isError(got))
        return corrupt(std::string("a sealed output is damaged: decompressing it: ") + ZSTD_getErrorName(got));
    if (got != content.size()) return corrupt("a sealed output is damaged: a frame of it is too short");
    return content;
}

}  // namespace gyre::output
