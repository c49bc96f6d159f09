#pragma once

// Immutable bytes named by their SHA-256 (64 lower-case hex digits). Uploads arrive in pieces and may be resumed; a
// blob becomes visible at once, whole and verified, or not at all. Thread-safe; different blobs proceed in parallel.
//
// Errors: invalid (not a blob name; a negative or absurd length); not_found; conflict (offset is not the partial
// length: ask partial_length and go on from there); corrupt (the complete bytes do not hash to the name: the partial
// upload is discarded; or stored bytes no longer do); too_large; unavailable (disk full: the message names the path).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

constexpr bool is_blob_name(std::string_view name) {
    if (name.size() != 64) return false;
    for (const char c : name) {
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
    }
    return true;
}

class BlobReader {
public:
    virtual ~BlobReader() = default;
    virtual std::int64_t size() const = 0;
    // Up to `bytes` from the current place; empty at the end. At the end the whole is checked against the name when it
    // was read from the start: a mismatch is `corrupt`.
    virtual Result<std::string> read(std::size_t bytes) = 0;
};

// A blob as each() tells of it.
struct IdleBlob {
    std::string sha256;
    std::int64_t size = 0;
    std::chrono::seconds idle{0};  // since it was stored or touched, by the store's own clock
};

class BlobStore {
public:
    virtual ~BlobStore() = default;
    // Where it lies, whatever is remembered of it: for whoever gives something up on that word.
    virtual Result<bool> exists(const std::string& sha256) = 0;
    virtual Result<std::int64_t> partial_length(const std::string& sha256) = 0;  // 0 when nothing came yet
    // Appends to the partial upload; `total` is the final size. When it is reached the blob is verified and published
    // (appending nothing does that for an upload whose bytes all came before a crash). More bytes than `total` in the
    // partial upload are `corrupt`.
    // Appending to a published blob is a no-op (somebody else was faster).
    virtual Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                                std::string_view bytes) = 0;
    virtual Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from = 0) = 0;

    // What nobody names any more is swept away: who sweeps lists, and removes what is idle for longer than any upload
    // takes. Whoever will name a blob that is there already touches it first. Both look again as they act, and one of
    // them wins: a blob that touch() found stays until it was idle anew for so long (S3: from up to 9 h before on).
    // Appending to a published blob touches it, too. Stores that nobody sweeps keep these answers.
    virtual Result<std::optional<std::int64_t>> touch(
        const std::string& sha256) {  // its size; nothing: it is not there
        auto there = open(sha256);
        if (there) return std::optional((*there)->size());
        if (there.error().fault == Fault::not_found) return std::optional<std::int64_t>();
        return there.error();
    }
    // False, and nothing done, when it was stored or touched since, or is not there. One that somebody reads may be
    // read on, or break off.
    virtual Result<bool> remove(const std::string& /*sha256*/, std::chrono::seconds /*idle*/) { return false; }
    // Removes one whose stored bytes are damaged, whoever touched or names it: nobody can use it, and who has the true
    // bytes can store them then. It reads all of it first, and nobody stores it in between. False: it is sound, or not
    // there.
    virtual Result<bool> discard_damaged(const std::string& sha256) {
        GYRE_TRY_ASSIGN(const bool damaged, is_damaged(sha256));
        return damaged ? remove(sha256, std::chrono::seconds{0}) : Result<bool>(false);
    }
    // All that are whole, in any order; some of those that come or go meanwhile. The error of `visit` ends it.
    virtual Result<void> each(const std::function<Result<void>(const IdleBlob&)>& /*visit*/) {
        return invalid("this store of objects does not list them");
    }

protected:
    // Reads all of it. False where there is none.
    Result<bool> is_damaged(const std::string& sha256) {
        const auto reader = open(sha256);
        if (!reader && reader.error().fault == Fault::not_found) return false;
        if (!reader) return reader.error();
        while (true) {
            const auto piece = (*reader)->read(1 << 20);
            if (!piece && piece.error().fault == Fault::corrupt) return true;
            if (!piece) return piece.error();
            if (piece->empty()) return false;
        }
    }
};

}  // namespace gyre
