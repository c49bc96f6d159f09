#pragma once

// Reads a tar stream that comes out of the job, file by file. The stream is hostile: only plain files are given out,
// and their number and size are bounded. Not thread-safe.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

struct TarVisitor {
    std::function<Result<void>(const std::string& name, std::int64_t size)> begin;
    std::function<Result<void>(std::string_view bytes)> bytes;
    std::function<Result<void>()> end;
    std::function<void()> directory;  // a directory's entry was seen
};

// Reads `fd` (non-blocking) to its end; the visitor's errors end it early.
Result<void> read_tar(Job& job, int fd, const TarVisitor& visitor);

}  // namespace gyre::agent
