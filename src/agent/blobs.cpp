#include "agent/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>

#include "agent/tar_stream.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

constexpr std::size_t piece_size = 256 << 10;
constexpr std::int64_t upload_piece = 4 << 20;
constexpr int compression_level = 3;
constexpr int tries_of_download = 5;  // that failed while the server answered that it has the blob

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, FreeCompressor>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, FreeDecompressor>;

Compressor make_compressor() {
    Compressor context(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_nbWorkers, 2);  // refused by a library without threads: then it is one
    return context;
}

// Compresses `bytes` (all of them), and at the end the rest that is held.
Result<void> compress(ZSTD_CCtx* context, std::string_view bytes, bool end, std::vector<char>& room, BlobWriter& to) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t left = ZSTD_compressStream2(context, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) return unavailable(std::string("compressing: ") + ZSTD_getErrorName(left));
        if (out.pos > 0) GYRE_TRY(to.write({room.data(), out.pos}));
        if (end ? left == 0 : in.pos == in.size) return {};
    }
}

Result<void> compress_stream(Job& job, int from, BlobWriter& to) {
    const Compressor context = make_compressor();
    std::vector<char> piece(piece_size);
    std::vector<char> room(ZSTD_CStreamOutSize());
    while (true) {
        GYRE_TRY_ASSIGN(const std::size_t got, read_from(job, from, piece.data(), piece.size()));
        GYRE_TRY(compress(context.get(), {piece.data(), got}, got == 0, room, to));
        if (got == 0) return {};
    }
}

// The content of a compressed file, piece by piece.
class Decompression {
public:
    explicit Decompression(int from) : from_(from), context_(ZSTD_createDCtx()) {}

    // Good until the next call; empty at the end.
    Result<std::string_view> next() {
        while (true) {
            if (in_.pos == in_.size && !full_) {
                GYRE_TRY_ASSIGN(const bool more, read());
                if (!more) return std::string_view();
            }
            ZSTD_outBuffer out{room_.data(), room_.size(), 0};
            frame_left_ = ZSTD_decompressStream(context_.get(), &out, &in_);
            if (ZSTD_isError(frame_left_))
                return corrupt(std::string("decompressing: ") + ZSTD_getErrorName(frame_left_));
            full_ = out.pos == out.size;
            if (out.pos > 0) return std::string_view(room_.data(), out.pos);
        }
    }

private:
    Result<bool> read() {
        const auto got = ::pread(from_, piece_.data(), piece_.size(), at_);
        if (got < 0) return errno_error("reading a downloaded file");
        if (got == 0 && frame_left_ != 0) return corrupt("decompressing: the data ends too early");
        at_ += got;
        in_ = {piece_.data(), static_cast<std::size_t>(got), 0};
        return got > 0;
    }

    int from_;
    const Decompressor context_;
    std::vector<char> piece_ = std::vector<char>(piece_size);
    std::vector<char> room_ = std::vector<char>(ZSTD_DStreamOutSize());
    ZSTD_inBuffer in_{nullptr, 0, 0};
    off_t at_ = 0;
    std::size_t frame_left_ = 0;
    bool full_ = false;
};

}  // namespace

Result<BlobWriter> BlobWriter::create(const std::string& directory, std::int64_t limit) {
    std::string path = directory + "/blob-XXXXXX";
    Fd file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file) return errno_error("making a file in " + directory);
    ::unlink(path.c_str());
    return BlobWriter(std::move(file), limit);
}

Result<void> BlobWriter::write(std::string_view bytes) {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ > limit_)
        return too_large(fmt::format("larger than {} MB, the limit for one file of this kind", limit_ >> 20));
    hash_.update(bytes);
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno_error("writing to this machine's disk");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

BlobFile BlobWriter::finish() { return {std::move(file_), to_hex(hash_.finish()), size_}; }

void BlobWriter::restart() {
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), 0);
    ::lseek(file_.get(), 0, SEEK_SET);
    hash_ = Sha256();
    size_ = 0;
}

Result<BlobFile> pack_inside(Job& job, std::vector<std::string> arguments, std::string& complaints) {
    GYRE_TRY_ASSIGN(BlobWriter writer, BlobWriter::create(job.scratch, job.limits().blob_bytes));
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    set_non_blocking(pipe.read.get());
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, std::move(arguments), {}, std::move(pipe.write)));
    GYRE_TRY(compress_stream(job, pipe.read.get(), writer));
    GYRE_TRY(succeed(tool, "packing"));
    complaints = tool.complaints();
    return writer.finish();
}

Result<void> upload(Job& job, const BlobFile& blob) {
    if (blob.size > upload_piece) {
        const auto known =
            keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.has_blob(blob.sha256); });
        if (!known) return known.error();
        if (*known) return {};
    }
    std::int64_t stored = 0;
    int rewinds = 0;
    do {
        const FilePart part{blob.file.get(), stored, std::min(blob.size - stored, upload_piece)};
        const auto now = keep_trying(job.gateway, TryUntil::stopping,
                                     [&] { return job.gateway.put_blob(blob.sha256, blob.size, part); });
        if (!now) return now.error();
        if (*now > blob.size || (*now <= stored && blob.size > 0 && ++rewinds > 100)) {
            return unavailable("the server cannot take the upload of " + blob.sha256);
        }
        stored = *now;
    } while (stored < blob.size);
    return {};
}

Result<BlobFile> download(Job& job, const std::string& sha256) {
    GYRE_TRY_ASSIGN(BlobWriter writer, BlobWriter::create(job.scratch, job.limits().blob_bytes));
    Result<void> stored;
    int broken_off = 0;
    const auto got = keep_trying(job.gateway, TryUntil::stopping, [&]() -> Result<void> {
        writer.restart();
        stored = {};
        auto answer =
            job.gateway.get_blob(sha256, [&](std::string_view bytes) { return stored = writer.write(bytes); });
        // Our own disk's trouble is not the server's: asking again would not help.
        if (!stored) return Result<void>{};
        if (answer || answer.error().fault != Fault::unavailable) return answer;
        // A server that finds its stored bytes damaged breaks off, perhaps before the first. One that is away comes
        // back: what it does not answer at all does not count.
        if (job.gateway.has_blob(sha256).value_or(false) && ++broken_off == tries_of_download)
            return corrupt(fmt::format("the server has it, and failed {} times to send it: {}", tries_of_download,
                                       answer.error().message));
        return answer;
    });
    GYRE_TRY(stored);
    if (!got) return got.error();
    BlobFile blob = writer.finish();
    if (blob.sha256 != sha256)
        return corrupt("the downloaded bytes are not what was stored (they hash to " + blob.sha256 + ")");
    return blob;
}

Result<void> unpack_inside(Job& job, const BlobFile& blob, std::vector<std::string> arguments,
                           const std::function<Result<void>(std::string_view name)>& take) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    set_non_blocking(pipe.write.get());
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, std::move(arguments), std::move(pipe.read), {}));
    Decompression content(blob.file.get());
    const auto pass_on = [&]() -> Result<std::string_view> {
        GYRE_TRY_ASSIGN(const auto bytes, content.next());
        GYRE_TRY(write_to(job, pipe.write.get(), bytes));
        return bytes;
    };
    Result<void> refused;
    const auto take_name = [&](std::string_view name) { return refused = take ? take(name) : Result<void>{}; };
    const auto written = read_tar_names(pass_on, take ? job.limits().entries : 0, take_name);
    if (!refused) return refused;
    pipe.write.reset();
    // The tool's own complaint says more than our broken pipe does.
    const auto unpacked = succeed(tool, "unpacking");
    if (!unpacked) return unpacked.error();
    return written;
}

}  // namespace gyre::agent
