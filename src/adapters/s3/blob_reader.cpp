#include "adapters/s3/blob_reader.h"

#include <algorithm>

#include "adapters/s3/blob_store.h"

namespace gyre::s3 {

S3BlobReader::S3BlobReader(Client& client, std::string name, std::int64_t size, std::int64_t from, std::string early,
                           ReadSizes sizes)
    : client_(client),
      name_(std::move(name)),
      size_(size),
      fetched_(from + std::ssize(early)),
      window_(std::move(early)),
      sizes_(sizes),
      verifies_(from == 0) {}

Result<void> S3BlobReader::fetch() {
    auto range = client_.read(key_of_blob(name_), fetched_, std::min(sizes_.first, size_ - fetched_));
    if (!range) return as_outage(range.error());
    if (range->size != size_ || range->bytes.empty())
        return corrupt("object " + key_of_blob(name_) + " of " + client_.name() + " changed its size");
    sizes_.first = std::min(sizes_.most, sizes_.first * 2);
    fetched_ += std::ssize(range->bytes);
    window_ = std::move(range->bytes);
    at_ = 0;
    return {};
}

Result<std::string> S3BlobReader::read(std::size_t bytes) {
    if (at_ == window_.size() && fetched_ < size_ && bytes > 0) GYRE_TRY(fetch());
    std::string piece = window_.substr(at_, bytes);
    at_ += piece.size();
    if (!verifies_) return piece;
    hash_.update(piece);
    if (fetched_ == size_ && at_ == window_.size()) {
        verifies_ = false;
        if (to_hex(hash_.finish()) != name_)
            return corrupt("the bytes of object " + key_of_blob(name_) + " of " + client_.name() +
                           " are not those that were stored");
    }
    return piece;
}

}  // namespace gyre::s3
