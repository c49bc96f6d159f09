#include "agent/whole_stream.h"

#include <unistd.h>

#include <string>

namespace gyre::agent {
namespace {

constexpr std::size_t piece_size = 256 << 10;

}  // namespace

WholeStream::WholeStream(int file)
    : file_(file), context_(ZSTD_createDCtx()), piece_(piece_size), room_(ZSTD_DStreamOutSize()) {}

Result<std::string_view> WholeStream::next() {
    while (true) {
        if (in_.pos == in_.size && !full_) {
            GYRE_TRY_ASSIGN(const bool more, read());
            if (!more) return std::string_view();
        }
        ZSTD_outBuffer out{room_.data(), room_.size(), 0};
        frame_left_ = ZSTD_decompressStream(context_.get(), &out, &in_);
        if (ZSTD_isError(frame_left_)) return corrupt(std::string("decompressing: ") + ZSTD_getErrorName(frame_left_));
        full_ = out.pos == out.size;
        if (out.pos > 0) return std::string_view(room_.data(), out.pos);
    }
}

Result<bool> WholeStream::read() {
    const auto got = ::pread(file_, piece_.data(), piece_.size(), at_);
    if (got < 0) return errno_error("reading a downloaded file");
    if (got == 0 && frame_left_ != 0) return corrupt("decompressing: the data ends too early");
    at_ += got;
    in_ = {piece_.data(), static_cast<std::size_t>(got), 0};
    return got > 0;
}

}  // namespace gyre::agent
