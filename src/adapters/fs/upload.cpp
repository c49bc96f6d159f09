#include "adapters/fs/upload.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "adapters/fs/file.h"

namespace gyre::fs {
namespace {

constexpr std::size_t piece = 1 << 20;

}  // namespace

Result<void> Upload::open(const Folder& partial, const std::string& name) {
    if (file_) return {};
    path_ = partial.path_of(name);
    GYRE_TRY_ASSIGN(Fd file, partial.open_file(name, O_RDWR | O_CREAT));
    Sha256 hash;
    std::int64_t length = 0;
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, read_at(file, path_, length, piece));
        if (bytes.empty()) break;
        hash.update(bytes);
        length += std::ssize(bytes);
    }
    file_ = std::move(file);
    hash_ = std::move(hash);
    length_ = length;
    return {};
}

Result<void> Upload::append(std::string_view bytes) {
    if (auto done = append_whole(file_, path_, length_, bytes); !done) {
        close();  // the next call looks at what is really there
        return done;
    }
    hash_.update(bytes);
    length_ += std::ssize(bytes);
    return {};
}

// Its time is that of its last byte, perhaps days ago, and would be taken for the blob's.
Result<void> Upload::sync() const {
    if (::futimens(file_.get(), nullptr) != 0) return errno_error("writing " + path_);
    return sync_data(file_, path_);
}

std::string Upload::finish() { return to_hex(hash_.finish()); }

void Upload::close() {
    file_.reset();
    length_ = 0;
}

Result<void> Upload::discard(const Folder& partial, const std::string& name) {
    close();
    return partial.remove(name);
}

}  // namespace gyre::fs
