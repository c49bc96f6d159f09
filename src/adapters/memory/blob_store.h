#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/blob_store.h"

namespace gyre::memory {

class MemoryBlobStore final : public BlobStore {
public:
    MemoryBlobStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<bool> exists(const std::string& sha256) override;
    Result<std::int64_t> partial_length(const std::string& sha256) override;
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override;
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override;

    Result<std::optional<std::int64_t>> touch(const std::string& sha256) override;
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle) override;
    Result<void> each(const std::function<Result<void>(const IdleBlob&)>& visit) override;

    void age(std::chrono::seconds by);      // all that are there are idle for so much longer
    void spoil(const std::string& sha256);  // flips a bit of a stored blob, as a bad disk would

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
