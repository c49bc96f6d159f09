#pragma once

// A stream that an earlier version stored as one zstd frame: its content, piece by piece. Not thread-safe.

#include <sys/types.h>
#include <zstd.h>

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::agent {

class WholeStream {
public:
    explicit WholeStream(int file);  // stays the caller's

    // Good until the next call; empty at the end.
    Result<std::string_view> next();

private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    Result<bool> read();

    int file_;
    std::unique_ptr<ZSTD_DCtx, Free> context_;
    std::vector<char> piece_;
    std::vector<char> room_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    off_t at_ = 0;
    std::size_t frame_left_ = 0;
    bool full_ = false;
};

}  // namespace gyre::agent
