#include "backup/pieces.h"

#include <zstd.h>

#include <algorithm>

#include "base/digest.h"

namespace gyre::backup {
namespace {

constexpr std::size_t least_piece = 512 << 10;
constexpr std::size_t most_piece = 8 << 20;
constexpr std::uint64_t cut_mask = 0xff;  // one line in 256 may end a piece
constexpr std::size_t longest_line = std::size_t{512} << 20;
constexpr std::size_t read_at_once = 256 << 10;
constexpr int level = 3;

// FNV-1a: the same for ever, whatever the compiler.
std::uint64_t print_of(std::string_view text) {
    std::uint64_t print = 14695981039346656037ULL;
    for (const char c : text) print = (print ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return print ^ (print >> 32);
}

Error damaged(const std::string& name) { return corrupt("piece " + name + " is damaged"); }

}  // namespace

Result<std::string> put_blob(BlobStore& store, std::string_view bytes) {
    std::string name = sha256_hex(bytes);
    const auto total = std::ssize(bytes);
    GYRE_TRY_ASSIGN(const auto there, store.touch(name));
    if (there == total) return name;
    GYRE_TRY_ASSIGN(const auto begun, store.partial_length(name));
    const auto offset = std::min(begun, total);
    const auto put = store.append(name, offset, total, bytes.substr(static_cast<std::size_t>(offset)));
    if (put) return name;
    // What was begun before may not be what it should: then it is gone now.
    if (put.error().fault != Fault::corrupt) return put.error();
    GYRE_TRY(store.append(name, 0, total, bytes));
    return name;
}

Result<std::string> put_compressed(BlobStore& store, std::string_view bytes) {
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
    if (ZSTD_isError(size)) return unavailable(std::string("compressing: ") + ZSTD_getErrorName(size));
    packed.resize(size);
    return put_blob(store, packed);
}

class LineReader::Inflater {
public:
    // Appends what comes of `packed` to `to`, at most `most` bytes; false: the packed bytes are no zstd, or more comes.
    bool inflate(std::string_view packed, std::string& to, std::size_t most) {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        bool filled = false;
        while (in.pos < in.size || filled) {
            const std::size_t room = ZSTD_DStreamOutSize();
            if (buffer_.size() < room) buffer_.resize(room);
            ZSTD_outBuffer out{buffer_.data(), room, 0};
            const std::size_t before = in.pos;
            hint_ = ZSTD_decompressStream(stream_.get(), &out, &in);
            if (ZSTD_isError(hint_) || out.pos > most) return false;
            to.append(buffer_.data(), out.pos);
            most -= out.pos;
            filled = out.pos == out.size;
            if (in.pos == before && out.pos == 0) break;
        }
        return true;
    }
    bool at_end_of_frame() const { return hint_ == 0; }

private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
    std::string buffer_;
    std::size_t hint_ = 0;
};

Result<std::string> get_compressed(BlobStore& store, const std::string& name, std::size_t most) {
    GYRE_TRY_ASSIGN(const auto reader, store.open(name));
    std::string packed;
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, reader->read(read_at_once));
        if (bytes.empty()) break;
        packed += bytes;
        if (packed.size() > 2 * most + read_at_once) return damaged(name);
    }
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > most) return damaged(name);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size()) != bytes.size()) return damaged(name);
    return bytes;
}

Result<void> LineWriter::add(std::string_view line) {
    if (line.size() >= longest_line) return too_large("a line of a backup may have 512 MB");
    piece_ += line;
    piece_ += '\n';
    written_.lines += 1;
    written_.bytes += std::ssize(line) + 1;
    const bool may_end = piece_.size() >= least_piece && (print_of(line) & cut_mask) == 0;
    return may_end || piece_.size() >= most_piece ? cut() : Result<void>();
}

Result<void> LineWriter::cut() {
    GYRE_TRY_ASSIGN(std::string name, put_compressed(*store_, piece_));
    written_.pieces.push_back(std::move(name));
    piece_.clear();
    return {};
}

Result<Lines> LineWriter::finish() {
    if (!piece_.empty()) GYRE_TRY(cut());
    return std::move(written_);
}

LineReader::LineReader(BlobStore& store, Lines lines)
    : store_(&store), lines_(std::move(lines)), inflater_(std::make_unique<Inflater>()) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;

// False: there is no more.
Result<bool> LineReader::read_more() {
    if (!reader_) {
        if (piece_ == lines_.pieces.size()) return false;
        if (!is_blob_name(lines_.pieces[piece_])) return corrupt("a piece has no name that can be one's");
        GYRE_TRY_ASSIGN(reader_, store_->open(lines_.pieces[piece_]));
    }
    const std::string& name = lines_.pieces[piece_];
    GYRE_TRY_ASSIGN(const std::string packed, reader_->read(read_at_once));
    if (packed.empty()) {
        if (!inflater_->at_end_of_frame()) return damaged(name);
        reader_.reset();
        ++piece_;
        return true;
    }
    buffer_.erase(0, std::exchange(at_, 0));
    searched_ = buffer_.size();
    const auto promised = static_cast<std::size_t>(std::max<std::int64_t>(lines_.bytes - bytes_read_, 0));
    const auto before = buffer_.size();
    if (!inflater_->inflate(packed, buffer_, std::min(promised, longest_line - std::min(before, longest_line))))
        return damaged(name);
    bytes_read_ += std::ssize(buffer_) - static_cast<std::int64_t>(before);
    return true;
}

Result<std::optional<std::string_view>> LineReader::next() {
    for (;;) {
        const auto end = buffer_.find('\n', std::max(at_, searched_));
        if (end != std::string::npos) {
            const auto line = std::string_view(buffer_).substr(at_, end - at_);
            at_ = end + 1;
            searched_ = at_;
            ++lines_read_;
            return std::optional<std::string_view>(line);
        }
        searched_ = buffer_.size();
        GYRE_TRY_ASSIGN(const bool more, read_more());
        if (more) continue;
        if (at_ != buffer_.size() || lines_read_ != lines_.lines || bytes_read_ != lines_.bytes)
            return corrupt("there is not as much as was written: " + std::to_string(lines_read_) + " of " +
                           std::to_string(lines_.lines) + " lines");
        return std::optional<std::string_view>();
    }
}

}  // namespace gyre::backup
