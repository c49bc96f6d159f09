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

// The names in a tar stream that comes piece by piece from `next` (empty: its end; a piece is good until the next one
// is asked for): of all that is no directory, without "./" in front, to `take`. Every piece is asked for, also behind
// the end of the archive. The errors of both end it early.
Result<void> read_tar_names(const std::function<Result<std::string_view>()>& next, std::int64_t most_entries,
                            const std::function<Result<void>(std::string_view name)>& take);

}  // namespace gyre::agent
