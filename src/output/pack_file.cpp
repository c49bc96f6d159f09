#include "output/pack_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/nameless_file.h"

namespace gyre::output {
namespace {

constexpr std::size_t read_at_once = 1 << 20;

}  // namespace

Result<PackFile> PackFile::open(const std::string& directory) {
    GYRE_TRY_ASSIGN(Fd file, open_nameless_file(directory));
    return PackFile(std::move(file));
}

Result<void> PackFile::append(std::string_view bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto place = size_ + static_cast<std::int64_t>(done);
        const auto put = ::pwrite(file_.get(), bytes.data() + done, bytes.size() - done, place);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno_error("writing a pack of outputs");
        done += static_cast<std::size_t>(put);
    }
    hash_.update(bytes);
    size_ += std::ssize(bytes);
    return {};
}

Result<void> PackFile::cut(std::int64_t size) {
    Sha256 hash;
    for (std::int64_t at = 0; at < size;) {
        GYRE_TRY_ASSIGN(const std::string piece, read(at, static_cast<std::size_t>(size - at)));
        hash.update(piece);
        at += std::ssize(piece);
    }
    hash_ = std::move(hash);
    size_ = size;
    // What stays behind it is written over; that its room is free sooner is all that this is for.
    (void)!::ftruncate(file_.get(), size);
    return {};
}

Result<std::string> PackFile::read(std::int64_t at, std::size_t most) const {
    std::string piece(std::min(most, read_at_once), '\0');
    ssize_t got = 0;
    do {
        got = ::pread(file_.get(), piece.data(), piece.size(), at);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return errno_error("reading a pack of outputs");
    if (got == 0) return corrupt("a pack of outputs became shorter on the disk");
    piece.resize(static_cast<std::size_t>(got));
    return piece;
}

std::string PackFile::hash() { return to_hex(hash_.finish()); }

}  // namespace gyre::output
