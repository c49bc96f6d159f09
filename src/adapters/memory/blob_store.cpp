#include "adapters/memory/blob_store.h"

#include <utility>

#include "base/digest.h"

namespace gyre::memory {
namespace {

class Reader final : public BlobReader {
public:
    Reader(std::string name, std::string bytes, std::size_t from)
        : name_(std::move(name)), bytes_(std::move(bytes)), at_(from), checked_(from > 0) {}

    std::int64_t size() const override { return std::ssize(bytes_); }

    Result<std::string> read(std::size_t bytes) override {
        std::string piece = bytes_.substr(at_, bytes);
        at_ += piece.size();
        if (at_ == bytes_.size() && !checked_) {
            if (sha256_hex(bytes_) != name_) return corrupt("the stored bytes of blob " + name_ + " have changed");
            checked_ = true;
        }
        return piece;
    }

private:
    std::string name_;
    std::string bytes_;
    std::size_t at_;
    bool checked_;
};

Result<void> check_name(const std::string& sha256) {
    if (!is_blob_name(sha256)) return invalid("a blob is named by 64 lower-case hexadecimal digits");
    return {};
}

Result<void> store(State& state, const std::string& sha256, std::int64_t offset, std::int64_t total,
                   std::string_view bytes) {
    state.touched_blobs[sha256] = state.blob_time;
    if (state.blobs.contains(sha256)) return {};
    auto& partial = state.partial_blobs[sha256];
    if (std::ssize(partial) > total) {
        state.partial_blobs.erase(sha256);
        return corrupt("more bytes came for blob " + sha256 + " than it has: upload it again");
    }
    if (offset != std::ssize(partial)) {
        return conflict("blob " + sha256 + " goes on at byte " + std::to_string(partial.size()));
    }
    partial += bytes;
    if (std::ssize(partial) < total) return {};
    std::string whole = std::move(partial);
    state.partial_blobs.erase(sha256);
    if (std::ssize(whole) != total || sha256_hex(whole) != sha256) {
        return corrupt("the bytes uploaded as blob " + sha256 + " do not hash to its name: upload it again");
    }
    state.blobs.emplace(sha256, std::move(whole));
    return {};
}

}  // namespace

Result<bool> MemoryBlobStore::exists(const std::string& sha256) {
    return trouble_.around("blob_store.exists", [&]() -> Result<bool> {
        GYRE_TRY(check_name(sha256));
        return state_.lock()->blobs.contains(sha256);
    });
}

Result<std::int64_t> MemoryBlobStore::partial_length(const std::string& sha256) {
    return trouble_.around("blob_store.partial_length", [&]() -> Result<std::int64_t> {
        GYRE_TRY(check_name(sha256));
        auto state = state_.lock();
        const auto found = state->partial_blobs.find(sha256);
        return found == state->partial_blobs.end() ? 0 : std::ssize(found->second);
    });
}

Result<void> MemoryBlobStore::append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                                     std::string_view bytes) {
    const auto append_all = [&]() -> Result<void> {
        GYRE_TRY(check_name(sha256));
        if (offset < 0 || total < 0 || std::ssize(bytes) > total - offset) {
            return invalid("the piece does not lie within the blob's " + std::to_string(total) + " bytes");
        }
        return store(*state_.lock(), sha256, offset, total, bytes);
    };
    const auto append_half = [&] {
        (void)store(*state_.lock(), sha256, offset, total, bytes.substr(0, bytes.size() / 2));
    };
    return trouble_.around("blob_store.append", append_all, append_half);
}

Result<std::unique_ptr<BlobReader>> MemoryBlobStore::open(const std::string& sha256, std::int64_t from) {
    return trouble_.around("blob_store.open", [&]() -> Result<std::unique_ptr<BlobReader>> {
        GYRE_TRY(check_name(sha256));
        auto state = state_.lock();
        const auto found = state->blobs.find(sha256);
        if (found == state->blobs.end()) return not_found("there is no blob " + sha256);
        if (from < 0 || from > std::ssize(found->second)) {
            return invalid("blob " + sha256 + " has " + std::to_string(found->second.size()) + " bytes; byte " +
                           std::to_string(from) + " was asked for");
        }
        return std::unique_ptr<BlobReader>(
            std::make_unique<Reader>(sha256, found->second, static_cast<std::size_t>(from)));
    });
}

Result<std::optional<std::int64_t>> MemoryBlobStore::touch(const std::string& sha256) {
    return trouble_.around("blob_store.touch", [&]() -> Result<std::optional<std::int64_t>> {
        GYRE_TRY(check_name(sha256));
        auto state = state_.lock();
        const auto found = state->blobs.find(sha256);
        if (found == state->blobs.end()) return std::optional<std::int64_t>();
        state->touched_blobs[sha256] = state->blob_time;
        return std::optional<std::int64_t>(std::ssize(found->second));
    });
}

Result<bool> MemoryBlobStore::remove(const std::string& sha256, std::chrono::seconds idle) {
    return trouble_.around("blob_store.remove", [&]() -> Result<bool> {
        GYRE_TRY(check_name(sha256));
        auto state = state_.lock();
        if (state->blob_time - state->touched_blobs[sha256] < idle.count()) return false;
        return state->blobs.erase(sha256) > 0;
    });
}

Result<void> MemoryBlobStore::each(const std::function<Result<void>(const IdleBlob&)>& visit) {
    std::vector<IdleBlob> listed;
    GYRE_TRY(trouble_.around("blob_store.each", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& [name, bytes] : state->blobs) {
            const std::chrono::seconds idle(state->blob_time - state->touched_blobs[name]);
            listed.push_back({name, std::ssize(bytes), idle});
        }
        return {};
    }));
    for (const auto& blob : listed) GYRE_TRY(visit(blob));
    return {};
}

void MemoryBlobStore::age(std::chrono::seconds by) { state_.lock()->blob_time += by.count(); }

void MemoryBlobStore::spoil(const std::string& sha256) {
    auto state = state_.lock();
    auto& bytes = state->blobs.at(sha256);
    if (!bytes.empty()) bytes.front() = static_cast<char>(bytes.front() ^ 1);
}

}  // namespace gyre::memory
