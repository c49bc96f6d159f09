#include "agent/chunk_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/digest.h"

namespace gyre::agent {
namespace {

constexpr int thread_count = 4;
constexpr std::size_t most_waiting = 4;      // chunks not taken by a thread yet
constexpr std::size_t batch_count = 64;      // chunks of one question
constexpr std::size_t batch_size = 8 << 20;  // and their bytes, before the last
constexpr int most_rewinds = 100;

}  // namespace

ChunkSender::ChunkSender(Job& job) : job_(job), cutoff_(job.control), stored_(*job.known_chunks) {
    for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
}

ChunkSender::~ChunkSender() {
    cutoff_.cut();
    fail(unavailable("nobody waits for it"));
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

ChunkRoom ChunkSender::room() {
    {
        const std::lock_guard lock(mutex_);
        if (!rooms_.empty()) {
            ChunkRoom room = std::move(rooms_.back());
            rooms_.pop_back();
            return room;
        }
    }
    return std::make_unique_for_overwrite<char[]>(largest_chunk);
}

void ChunkSender::give_back(ChunkRoom room) {
    const std::lock_guard lock(mutex_);
    rooms_.push_back(std::move(room));
}

Result<void> ChunkSender::add(ChunkRoom content, std::size_t size) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return raw_.size() < most_waiting || error_; });
    if (error_) return *error_;
    if (chunks_.size() == most_chunks) return too_large("more than can be listed in one cache or layer");
    raw_.push_back({chunks_.size(), std::move(content), size});
    chunks_.emplace_back();
    changed_.notify_all();
    return {};
}

Result<ChunkList> ChunkSender::finish() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
    if (error_) return *error_;
    return std::move(chunks_);
}

void ChunkSender::work() {
    GatewayClient gateway = job_.gateway.another(cutoff_.event());
    const auto done = work_with(gateway);
    if (!done) fail(done.error());
}

Result<void> ChunkSender::work_with(GatewayClient& gateway) {
    ChunkCompressor compressor;
    while (auto raw = take_raw()) {
        GYRE_TRY_ASSIGN(Batch full, pack(*raw, gateway, compressor));
        give_back(std::move(raw->room));
        GYRE_TRY(send(gateway, std::move(full)));
    }
    return send(gateway, take_rest());
}

std::optional<ChunkSender::Raw> ChunkSender::take_raw() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !raw_.empty() || ended_ || error_; });
    if (raw_.empty() || error_) return std::nullopt;
    Raw raw = std::move(raw_.front());
    raw_.pop_front();
    changed_.notify_all();
    return raw;
}

Result<ChunkSender::Batch> ChunkSender::pack(const Raw& raw, GatewayClient& gateway, ChunkCompressor& compressor) {
    GYRE_TRY_ASSIGN(const auto mark, job_.known_chunks->mark_of(raw.content()));
    GYRE_TRY_ASSIGN(const auto stored, stored_.find(mark, gateway, cutoff_));
    if (stored) {
        GYRE_TRY(list(raw.place, *stored));
        return Batch{};
    }
    compressors_.acquire();
    auto frame = compressor.compress(raw.content());
    compressors_.release();
    if (!frame) return frame.error();
    Packed packed{sha256_hex(*frame), std::move(*frame)};
    const Chunk chunk{packed.sha256, std::ssize(packed.frame), static_cast<std::int64_t>(raw.size)};
    GYRE_TRY(list(raw.place, chunk));
    job_.known_chunks->add(mark, chunk);
    return put_in_batch(std::move(packed));
}

Result<void> ChunkSender::list(std::size_t place, const Chunk& chunk) {
    const std::lock_guard lock(mutex_);
    chunks_[place] = chunk;
    stored_bytes_ += chunk.stored;
    if (stored_bytes_ > job_.limits().blob_bytes) {
        return too_large(
            fmt::format("larger than {} MB, the limit for one file of this kind", job_.limits().blob_bytes >> 20));
    }
    return {};
}

ChunkSender::Batch ChunkSender::put_in_batch(Packed packed) {
    const std::lock_guard lock(mutex_);
    batch_bytes_ += packed.frame.size();
    batch_.push_back(std::move(packed));
    if (batch_.size() < batch_count && batch_bytes_ < batch_size) return {};
    batch_bytes_ = 0;
    return std::exchange(batch_, {});
}

ChunkSender::Batch ChunkSender::take_rest() {
    const std::lock_guard lock(mutex_);
    if (error_) return {};
    batch_bytes_ = 0;
    return std::exchange(batch_, {});
}

Result<void> ChunkSender::send(GatewayClient& gateway, Batch batch) {
    if (batch.empty()) return {};
    wire::BlobNames names;
    for (const auto& chunk : batch) names.names.push_back(chunk.sha256);
    const auto answer = keep_trying(gateway, cutoff_, [&] { return gateway.lacking_blobs(names); });
    if (!answer) return answer.error();
    std::unordered_set<std::string_view> lacking(answer->names.begin(), answer->names.end());
    for (const auto& chunk : batch) {
        if (lacking.erase(chunk.sha256) == 0) continue;  // also one that comes twice
        GYRE_TRY(send_one(gateway, chunk));
    }
    return {};
}

Result<void> ChunkSender::send_one(GatewayClient& gateway, const Packed& chunk) {
    const auto size = static_cast<std::int64_t>(chunk.frame.size());
    std::int64_t stored = 0;
    for (int rewinds = 0; stored < size;) {
        const auto rest = std::string_view(chunk.frame).substr(static_cast<std::size_t>(stored));
        const auto now =
            keep_trying(gateway, cutoff_, [&] { return gateway.put_blob(chunk.sha256, size, stored, rest); });
        if (!now) return now.error();
        if (*now > size || (*now <= stored && ++rewinds > most_rewinds))
            return unavailable("the server cannot take the upload of " + chunk.sha256);
        stored = *now;
    }
    const std::lock_guard lock(mutex_);
    sent_bytes_ += size;
    return {};
}

void ChunkSender::fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    changed_.notify_all();
}

}  // namespace gyre::agent
