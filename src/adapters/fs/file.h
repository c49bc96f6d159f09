#pragma once

// Reading and writing open files whole, with errors that name the path. `unavailable` is the only error.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::fs {

Result<std::int64_t> file_length(const Fd& file, const std::string& path);
// Up to `bytes` from the offset; shorter only at the end of the file.
Result<std::string> read_at(const Fd& file, const std::string& path, std::int64_t offset, std::size_t bytes);

// Appends all the bytes to a file of that length, or none of them: what was written of them is cut off again.
Result<void> append_whole(const Fd& file, const std::string& path, std::int64_t length, std::string_view bytes);
Result<void> sync_data(const Fd& file, const std::string& path);

// The kernel's lock on an open file or folder, which other processes heed as well; held until it goes.
class FileLock {
public:
    static Result<FileLock> shared(const Fd& file, const std::string& path);
    static Result<FileLock> alone(const Fd& file, const std::string& path);
    FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int file) : file_(file) {}
    static Result<FileLock> take(const Fd& file, const std::string& path, int how);
    int file_;  // borrowed
};

// What stands in an open folder, in any order. `path` is for the error.
Result<std::vector<std::string>> names_in(const Fd& folder, const std::string& path);

}  // namespace gyre::fs
