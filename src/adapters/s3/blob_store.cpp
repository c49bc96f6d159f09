#include "adapters/s3/blob_store.h"

#include <utility>

#include "adapters/fs/partial_uploads.h"
#include "adapters/s3/blob_reader.h"

namespace gyre::s3 {
namespace {

template <typename T>
Result<T> waited_for(Result<T> result) {
    if (result) return result;
    return as_outage(result.error());
}

}  // namespace

Error as_outage(Error error) {
    if (error.fault == Fault::invalid || error.fault == Fault::denied || error.fault == Fault::conflict)
        error.fault = Fault::unavailable;
    return error;
}

S3BlobStore::S3BlobStore(Client client, fs::Folder partial, BlobLimits limits)
    : client_(std::move(client)),
      partial_(std::move(partial)),
      limits_(limits),
      uploads_(limits.open_uploads),
      idle_(client_, limits.idle) {}

Result<std::unique_ptr<S3BlobStore>> S3BlobStore::open(Client client, const std::filesystem::path& staging,
                                                       BlobLimits limits) {
    GYRE_TRY_ASSIGN(fs::Folder partial, fs::Folder::open(staging / "partial"));
    fs::remove_old_uploads(partial, limits.keep_partial);
    return std::unique_ptr<S3BlobStore>(new S3BlobStore(std::move(client), std::move(partial), limits));
}

Result<bool> S3BlobStore::exists(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    GYRE_TRY_ASSIGN(const auto facts, waited_for(client_.look(key_of_blob(sha256))));
    return facts.has_value();
}

Result<std::optional<std::int64_t>> S3BlobStore::touch(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    return waited_for(idle_.touch(sha256));
}

Result<bool> S3BlobStore::remove(const std::string& sha256, std::chrono::seconds idle) {
    GYRE_TRY(fs::check_blob_name(sha256));
    return idle_.remove(sha256, idle);
}

Result<bool> S3BlobStore::discard_damaged(const std::string& sha256) {
    GYRE_TRY(fs::check_blob_name(sha256));
    return idle_.remove_if(sha256, [&] { return is_damaged(sha256); });
}

Result<void> S3BlobStore::each(const std::function<Result<void>(const IdleBlob&)>& visit) { return idle_.each(visit); }

Result<std::int64_t> S3BlobStore::end_abandoned_uploads(const std::function<Result<void>()>& go_on) {
    return idle_.end_abandoned_uploads(go_on);
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
    if (upload->is_new) {
        GYRE_TRY_ASSIGN(const auto published, waited_for(idle_.touch(sha256)));
        if (published) return {};
        GYRE_TRY(waited_for(idle_.await_removals(sha256)));
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
    if (const auto sent = upload.finish(client_, key_of_blob(sha256)); !sent) return as_outage(sent.error());
    upload.is_new = true;
    upload.close();
    // It is stored; a file of ours that stays is removed when it is old.
    for (const auto& file : {sha256, sha256 + ".parts"}) (void)partial_.remove(file);
    return {};
}

Result<std::unique_ptr<BlobReader>> S3BlobStore::open(const std::string& sha256, std::int64_t from) {
    GYRE_TRY(fs::check_blob_name(sha256));
    const ReadSizes sizes{limits_.first_read, limits_.most_read};
    const std::string no_such = "blob " + sha256 + " is not there from byte " + std::to_string(from);
    if (from < 0) return invalid(no_such);
    auto range = client_.read(key_of_blob(sha256), from, sizes.first);
    if (!range && range.error().fault == Fault::not_found) return not_found("there is no blob " + sha256);
    if (!range) return as_outage(range.error());
    if (from > range->size) return invalid(no_such + ": it has " + std::to_string(range->size));
    return std::unique_ptr<BlobReader>(
        std::make_unique<S3BlobReader>(client_, sha256, range->size, from, std::move(range->bytes), sizes));
}

}  // namespace gyre::s3
