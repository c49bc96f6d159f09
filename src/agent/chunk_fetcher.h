#pragma once

// Chunks on their way from the server: a few threads fetch ahead, verify and decompress; the content comes in order.
// At most about 50 MB are held. One caller. Errors: not_found and corrupt as of download(); `too_large` never.

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/cutoff.h"
#include "agent/job.h"
#include "agent/pace.h"
#include "agent/zstd_chunk.h"
#include "base/result.h"
#include "model/chunk_list.h"

namespace gyre::agent {

class ChunkFetcher {
public:
    ChunkFetcher(Job& job, ChunkList chunks, Pace pace);
    ~ChunkFetcher();
    ChunkFetcher(const ChunkFetcher&) = delete;
    ChunkFetcher& operator=(const ChunkFetcher&) = delete;

    // Good until the next call; empty at the end.
    Result<std::string_view> next();

private:
    void work();
    std::optional<std::size_t> take_place();
    Result<std::string> fetch(GatewayClient& gateway, ChunkDecompressor& decompressor, const Chunk& chunk);
    Result<std::string> fetch_frame(GatewayClient& gateway, const Chunk& chunk);
    Result<std::string> wait_for_next();

    Job& job_;
    const ChunkList chunks_;
    Cutoff cutoff_;
    Pace pace_;
    std::string content_;  // given out

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::size_t taken_ = 0;                             // places that threads have begun with
    std::size_t given_ = 0;                             // places given out
    std::map<std::size_t, Result<std::string>> ready_;  // by place
    std::int64_t came_ = 0;                             // bytes of frames, not told to the pace yet
    bool given_up_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace gyre::agent
