#include "adapters/s3/blob_store.h"

#include <utility>

#include "adapters/fs/partial_uploads.h"
#include "adapters/s3/blob_reader.h"

namespace gyre::s3 {
std::string key_of_blob(const std::string& sha256) { return "objects/" + sha256.substr(0, 2) + "/" + sha256.substr(2); }

Error as_outage(Error error) {
    if (error.fault == Fault::invalid || error.fault == Fault::denied || error.fault == Fault::conflict)
        error.fault = Fault::unavailable;
    return error;
}

S3BlobStore::S3BlobStore(Client client, fs::Folder partial, BlobLimits limits)
    : client_(std::move(client)), partial_(std::move(partial)), limits_(limits), uploads_(limits.open_uploads) {}

Result<std::unique_ptr<S3BlobStore>> S3BlobStore::open(Client client, const std::filesystem::path& staging,
                                                       BlobLimits limits) {
    GYRE_TRY_ASSIGN(fs::Folder partial, fs::Folder::open(staging / "partial"));
    fs::remove_old_uploads(partial, limits.keep_partial);
    return std::unique_ptr<S3BlobStore>(new S3BlobStore(std::move(client), std::move(partial), limits));
}

void S3BlobStore::know(const std::string& sha256, std::int64_t size) {
    auto known = known_.lock();
    if (known->size() >= limits_.known_blobs) known->clear();
    (*known)[sha256] = size;
}

Result<std::optional<std::int64_t>> S3BlobStore::published_size(const std::string& sha256) {
    {
        const auto known = known_.lock();
        if (const auto found = known->find(sha256); found != known->end()) return std::optional(found->second);
    }
    return size_there(sha256);
}

Result<std::optional<std::int64_t>> S3BlobStore::size_there(const std::string& sha256) {
    const auto size = client_.size(key_of_blob(sha256));
    if (!size && size.error().fault == Fault::not_found) {
        known_.lock()->erase(sha256);
        return std::optional<std::int64_t>();
    }
    if (!size) return as_outage(size.error());
    know(sha256, *size);
    return std::optional(*size);
}

Result<bool> S3BlobStore::exists(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    GYRE_TRY_ASSIGN(const auto size, size_there(sha256));
    return size.has_value();
}

// Nobody sweeps it: there is nothing to do but to ask for its size, which takes none of its bytes.
Result<std::optional<std::int64_t>> S3BlobStore::touch(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    return published_size(sha256);
}

Result<std::int64_t> S3BlobStore::partial_length(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    const auto upload = uploads_.get(sha256);
    const std::lock_guard lock(upload->mutex);
    return fs::uploaded_length(partial_, sha256);
}

Result<void> S3BlobStore::append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                                 std::string_view bytes) {
    GYRE_TRY(fs::check_blob_name(sha256));
    if (offset < 0 || total < 0 || std::ssize(bytes) > total - offset)
        return invalid("the piece does not lie within the blob's " + std::to_string(total) + " bytes");
    if (total > limits_.blob_bytes)
        return too_large("a blob may have " + std::to_string(limits_.blob_bytes) + " bytes; this one has " +
                         std::to_string(total));
    const auto upload = uploads_.get(sha256);
    const std::lock_guard lock(upload->mutex);
    if (upload->is_new || known_.lock()->contains(sha256)) {
        GYRE_TRY_ASSIGN(const auto published, published_size(sha256));
        if (published) return {};
        upload->is_new = false;
    }
    return take(*upload, sha256, offset, total, bytes);
}

Result<void> S3BlobStore::take(StagedUpload& upload, const std::string& sha256, std::int64_t offset, std::int64_t total,
                               std::string_view bytes) {
    const std::string key = key_of_blob(sha256);
    GYRE_TRY(doubt_.heed(upload.open(partial_, sha256, limits_.part_bytes)));
    if (upload.length() > total) {
        GYRE_TRY(upload.discard(client_, key));
        return corrupt("more bytes came for blob " + sha256 + " than it has: upload it again");
    }
    // All of it came before, and did not get to its place: S3 was away, or the server died.
    if (upload.length() == total) return publish(upload, sha256);
    if (offset != upload.length())
        return conflict("blob " + sha256 + " goes on at byte " + std::to_string(upload.length()));
    // What is full goes first: while S3 is away, no more than a part waits on our disk.
    if (const auto sent = upload.send_full_parts(client_, key, total); !sent) return as_outage(sent.error());
    GYRE_TRY(doubt_.heed(upload.append(bytes)));
    if (upload.length() < total) return {};
    return publish(upload, sha256);
}

Result<void> S3BlobStore::publish(StagedUpload& upload, const std::string& sha256) {
    const std::int64_t size = upload.length();
    if (const auto sent = upload.finish(client_, key_of_blob(sha256)); !sent) return as_outage(sent.error());
    know(sha256, size);
    upload.is_new = true;
    upload.close();
    // It is stored; a file of ours that stays is removed when it is old.
    for (const auto& file : {sha256, sha256 + ".parts"}) (void)partial_.remove(file);
    return {};
}

Result<std::unique_ptr<BlobReader>> S3BlobStore::open(const std::string& sha256, std::int64_t from) {
    GYRE_TRY(fs::check_blob_name(sha256));
    const ReadSizes sizes{limits_.first_read, limits_.most_read};
    std::int64_t size = -1;
    std::string early;
    {
        const auto known = known_.lock();
        if (const auto found = known->find(sha256); found != known->end()) size = found->second;
    }
    if (size < 0 && from >= 0) {
        auto range = client_.read(key_of_blob(sha256), from, sizes.first);
        if (!range && range.error().fault == Fault::not_found) return not_found("there is no blob " + sha256);
        if (!range) return as_outage(range.error());
        size = range->size;
        early = std::move(range->bytes);
        know(sha256, size);
    }
    if (from < 0 || from > size)
        return invalid("blob " + sha256 + " has " + std::to_string(size) + " bytes; byte " + std::to_string(from) +
                       " was asked for");
    return std::unique_ptr<BlobReader>(
        std::make_unique<S3BlobReader>(client_, sha256, size, from, std::move(early), sizes));
}

}  // namespace gyre::s3
