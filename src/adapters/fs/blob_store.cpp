#include "adapters/fs/blob_store.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/fs/file.h"
#include "adapters/fs/partial_uploads.h"

namespace gyre::fs {
namespace {

std::string shelf_of(const std::string& sha256) { return sha256.substr(0, 2); }
std::string file_of(const std::string& sha256) { return sha256.substr(2); }
std::string place_of(const std::string& sha256) { return shelf_of(sha256) + "/" + file_of(sha256); }

Error changed(const std::string& path) { return corrupt("the bytes of " + path + " are not those that were stored"); }

class FileBlobReader final : public BlobReader {
public:
    FileBlobReader(std::string path, std::string name, Fd file, std::int64_t size, std::int64_t from)
        : path_(std::move(path)), name_(std::move(name)), file_(std::move(file)), size_(size), at_(from) {
        verifies_ = from == 0;
    }

    std::int64_t size() const override { return size_; }

    Result<std::string> read(std::size_t bytes) override {
        const auto left = static_cast<std::size_t>(size_ - at_);
        if (left == 0 && !verifies_) return std::string();
        GYRE_TRY_ASSIGN(std::string piece, read_at(file_, path_, at_, std::min(bytes, left)));
        if (piece.size() < std::min(bytes, left)) return changed(path_);
        at_ += std::ssize(piece);
        if (!verifies_) return piece;
        hash_.update(piece);
        if (at_ == size_) {
            verifies_ = false;
            if (to_hex(hash_.finish()) != name_) return changed(path_);
        }
        return piece;
    }

private:
    std::string path_;
    std::string name_;
    Fd file_;
    std::int64_t size_;
    std::int64_t at_;
    bool verifies_ = false;
    Sha256 hash_;
};

}  // namespace

FileBlobStore::FileBlobStore(Folder objects, Folder partial, BlobLimits limits)
    : objects_(std::move(objects)), partial_(std::move(partial)), limits_(limits), uploads_(limits.open_uploads) {}

Result<std::unique_ptr<FileBlobStore>> FileBlobStore::open(const std::filesystem::path& data, BlobLimits limits) {
    GYRE_TRY_ASSIGN(Folder objects, Folder::open(data / "objects"));
    GYRE_TRY_ASSIGN(Folder partial, Folder::open(data / "partial"));
    remove_old_uploads(partial, limits.keep_partial);
    return std::unique_ptr<FileBlobStore>(new FileBlobStore(std::move(objects), std::move(partial), limits));
}

std::shared_mutex& FileBlobStore::placing(const std::string& sha256) {
    unsigned shelf = 0;
    std::from_chars(sha256.data(), sha256.data() + 2, shelf, 16);
    return placing_.at(shelf);
}

Result<Fd> FileBlobStore::look(const std::string& sha256, int flags) {
    const std::shared_lock lock(placing(sha256));
    return objects_.open_file(place_of(sha256), flags);
}

bool FileBlobStore::is_published(const std::string& sha256) { return look(sha256, O_PATH).ok(); }

Result<bool> FileBlobStore::exists(const std::string& sha256) {
    GYRE_TRY(check_blob_name(sha256));
    return is_published(sha256);
}

Result<std::int64_t> FileBlobStore::partial_length(const std::string& sha256) {
    GYRE_TRY(check_blob_name(sha256));
    const auto upload = uploads_.get(sha256);
    const std::lock_guard lock(upload->mutex);
    return uploaded_length(partial_, sha256);
}

Result<void> FileBlobStore::append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                                   std::string_view bytes) {
    GYRE_TRY(check_blob_name(sha256));
    if (offset < 0 || total < 0 || std::ssize(bytes) > total - offset) {
        return invalid("the piece does not lie within the blob's " + std::to_string(total) + " bytes");
    }
    if (total > limits_.blob_bytes) {
        return too_large("a blob may have " + std::to_string(limits_.blob_bytes) + " bytes; this one has " +
                         std::to_string(total));
    }
    GYRE_TRY_ASSIGN(const auto there, touch(sha256));
    if (there) return {};
    const auto upload = uploads_.get(sha256);
    const std::lock_guard lock(upload->mutex);
    GYRE_TRY_ASSIGN(const auto meanwhile, touch(sha256));
    if (meanwhile) return {};
    return doubt_.heed(take(*upload, sha256, offset, total, bytes));
}

Result<void> FileBlobStore::take(Upload& upload, const std::string& sha256, std::int64_t offset, std::int64_t total,
                                 std::string_view bytes) {
    GYRE_TRY(upload.open(partial_, sha256));
    if (upload.length() > total) {
        GYRE_TRY(upload.discard(partial_, sha256));
        return corrupt("more bytes came for blob " + sha256 + " than it has: upload it again");
    }
    // All of it came before, and did not get to its place: the disk failed in between, or the server died.
    if (upload.length() == total) return publish(upload, sha256);
    if (offset != upload.length()) {
        return conflict("blob " + sha256 + " goes on at byte " + std::to_string(upload.length()));
    }
    GYRE_TRY(upload.append(bytes));
    if (upload.length() < total) return {};
    return publish(upload, sha256);
}

Result<void> FileBlobStore::publish(Upload& upload, const std::string& sha256) {
    if (upload.finish() != sha256) {
        GYRE_TRY(upload.discard(partial_, sha256));
        return corrupt("the bytes uploaded as blob " + sha256 + " do not hash to its name: upload it again");
    }
    if (const auto synced = upload.sync(); !synced) {
        // After a failed sync nobody knows what is on the disk.
        (void)upload.discard(partial_, sha256);
        return synced;
    }
    return put_in_place(upload, sha256);
}

Result<void> FileBlobStore::put_in_place(Upload& upload, const std::string& sha256) {
    const std::unique_lock lock(placing(sha256));
    upload.close();
    GYRE_TRY_ASSIGN(const Folder shelf, objects_.child(shelf_of(sha256)));
    GYRE_TRY_ASSIGN(const bool placed, partial_.place(sha256, shelf, file_of(sha256)));
    if (!placed) GYRE_TRY(upload.discard(partial_, sha256));  // another server was faster
    auto synced = shelf.sync();
    // The shelf may have been made by another upload, or by a server that was killed, and not be on the disk yet.
    if (synced) synced = objects_.sync();
    // Who uploads it again must not find it stored.
    if (!synced && placed) (void)shelf.remove(file_of(sha256));
    return synced;
}

Result<std::unique_ptr<BlobReader>> FileBlobStore::open(const std::string& sha256, std::int64_t from) {
    GYRE_TRY(check_blob_name(sha256));
    const auto path = objects_.path_of(place_of(sha256));
    auto file = look(sha256, O_RDONLY);
    if (!file && file.error().fault == Fault::not_found) return not_found("there is no blob " + sha256);
    if (!file) return file.error();
    GYRE_TRY_ASSIGN(const auto size, file_length(*file, path));
    if (from < 0 || from > size) {
        return invalid("blob " + sha256 + " has " + std::to_string(size) + " bytes; byte " + std::to_string(from) +
                       " was asked for");
    }
    return std::unique_ptr<BlobReader>(
        std::make_unique<FileBlobReader>(path, sha256, std::move(file).value(), size, from));
}

}  // namespace gyre::fs
