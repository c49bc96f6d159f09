#pragma once

// Chunks on their way to the server: compressed (two at a time), named, and sent unless the server has them, by a few
// threads. Those that the attempt knows already and the server still has are only named. At most about 130 MB are held
// (decision 0048). One caller; errors: too_large beyond the limit of one cache or layer, and those of the calls.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "agent/cutoff.h"
#include "agent/job.h"
#include "agent/known_chunks.h"
#include "agent/zstd_chunk.h"
#include "base/result.h"
#include "model/chunk_list.h"

namespace gyre::agent {

// Memory for the content of one chunk: largest_chunk bytes, not set to anything.
using ChunkRoom = std::unique_ptr<char[]>;

class ChunkSender {
public:
    explicit ChunkSender(Job& job);
    ~ChunkSender();  // gives up what is on its way
    ChunkSender(const ChunkSender&) = delete;
    ChunkSender& operator=(const ChunkSender&) = delete;

    // Room for a chunk that will be added; most often one that was used before, which costs no new pages.
    ChunkRoom room();
    // The next chunk: the first `size` bytes of `content`. Waits while there is enough to do; then or later, the first
    // error of any.
    Result<void> add(ChunkRoom content, std::size_t size);
    // Once all have been stored.
    Result<ChunkList> finish();

    std::int64_t sent_bytes() const { return sent_bytes_; }  // that the server did not have; after finish()

private:
    struct Raw {
        std::size_t place = 0;
        ChunkRoom room;
        std::size_t size = 0;
        std::string_view content() const { return {room.get(), size}; }
    };
    struct Packed {
        std::string sha256;
        std::string frame;
    };
    using Batch = std::vector<Packed>;

    void work();
    Result<void> work_with(GatewayClient& gateway);
    std::optional<Raw> take_raw();
    void give_back(ChunkRoom room);
    // Names the chunk and, unless the server has it, compresses it and takes the batch that it fills, if it does.
    Result<Batch> pack(const Raw& raw, GatewayClient& gateway, ChunkCompressor& compressor);
    Result<void> list(std::size_t place, const Chunk& chunk);
    Batch put_in_batch(Packed packed);
    Batch take_rest();
    Result<void> send(GatewayClient& gateway, Batch batch);
    Result<void> send_one(GatewayClient& gateway, const Packed& chunk);
    void fail(const Error& error);

    Job& job_;
    Cutoff cutoff_;
    std::counting_semaphore<> compressors_{2};
    StoredChunks stored_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<Raw> raw_;
    std::vector<ChunkRoom> rooms_;  // that nobody uses
    bool ended_ = false;            // no more will come
    std::optional<Error> error_;
    ChunkList chunks_;
    Batch batch_;
    std::size_t batch_bytes_ = 0;
    std::int64_t stored_bytes_ = 0;
    std::int64_t sent_bytes_ = 0;

    std::vector<std::thread> threads_;
};

}  // namespace gyre::agent
