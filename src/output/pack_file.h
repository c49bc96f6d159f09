#pragma once

// A blob while it is made: bytes that are appended to a file without a name, perhaps cut off again, read once all are
// there, and hashed. One thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::output {

class PackFile {
public:
    // On the disk of `directory`. `unavailable`, as of append(): the disk does not take it.
    static Result<PackFile> open(const std::string& directory);

    std::int64_t size() const { return size_; }
    // After an error the size is what it was before.
    Result<void> append(std::string_view bytes);
    // Takes back what was appended since it had this size. After an error it is of no use any more.
    Result<void> cut(std::int64_t size);
    // From a place before the end, at least one byte and at most so many.
    Result<std::string> read(std::int64_t at, std::size_t most) const;
    // The SHA-256 of what was appended, in hex. Nothing may be appended or cut off afterwards.
    std::string hash();

private:
    explicit PackFile(Fd file) : file_(std::move(file)) {}

    Fd file_;
    Sha256 hash_;
    std::int64_t size_ = 0;
};

}  // namespace gyre::output
