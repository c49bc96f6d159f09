#pragma once

// Reads an object in ranges that grow, each tried again by itself when it fails. Read from the start, the whole is
// checked against the name at its end. The client must outlive it. Not thread-safe.

#include <cstdint>
#include <string>

#include "adapters/s3/client.h"
#include "base/digest.h"
#include "ports/blob_store.h"

namespace gyre::s3 {

struct ReadSizes {
    std::int64_t first = 256 << 10;
    std::int64_t most = 4 << 20;
};

class S3BlobReader final : public BlobReader {
public:
    // `early`: what was read already, from `from` on.
    S3BlobReader(Client& client, std::string name, std::int64_t size, std::int64_t from, std::string early,
                 ReadSizes sizes);

    std::int64_t size() const override { return size_; }
    Result<std::string> read(std::size_t bytes) override;

private:
    Result<void> fetch();

    Client& client_;
    std::string name_;
    std::int64_t size_;
    std::int64_t fetched_;  // up to here
    std::string window_;    // what was fetched and
    std::size_t at_ = 0;    // not handed out yet
    ReadSizes sizes_;
    bool verifies_;
    Sha256 hash_;
};

}  // namespace gyre::s3
