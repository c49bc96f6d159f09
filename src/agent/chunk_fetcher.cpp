#include "agent/chunk_fetcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/digest.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t thread_count = 4;
constexpr std::size_t ahead = 8;      // chunks fetched and not given out
constexpr int tries_of_download = 5;  // that failed while the server answered that it has the chunk
constexpr auto look_at_pace = 200ms;

}  // namespace

ChunkFetcher::ChunkFetcher(Job& job, ChunkList chunks, Pace pace)
    : job_(job), chunks_(std::move(chunks)), cutoff_(job.control), pace_(pace) {
    for (std::size_t i = 0; i < std::min(thread_count, chunks_.size()); ++i) threads_.emplace_back([this] { work(); });
}

ChunkFetcher::~ChunkFetcher() {
    cutoff_.cut();
    {
        const std::lock_guard lock(mutex_);
        given_up_ = true;
        changed_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
}

Result<std::string_view> ChunkFetcher::next() {
    if (given_ == chunks_.size()) return std::string_view();
    GYRE_TRY_ASSIGN(content_, wait_for_next());
    return std::string_view(content_);
}

Result<std::string> ChunkFetcher::wait_for_next() {
    std::unique_lock lock(mutex_);
    while (!ready_.contains(given_)) {
        const auto before = std::chrono::steady_clock::now();
        changed_.wait_for(lock, look_at_pace);
        pace_.came(std::exchange(came_, 0));
        pace_.waited(std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before));
        if (pace_.is_too_slow()) return corrupt("the server sends it too slowly to be waited for");
    }
    auto found = ready_.extract(given_++);
    changed_.notify_all();
    return std::move(found.mapped());
}

void ChunkFetcher::work() {
    GatewayClient gateway = job_.gateway.another(cutoff_.event());
    ChunkDecompressor decompressor;
    while (const auto place = take_place()) {
        auto content = fetch(gateway, decompressor, chunks_[*place]);
        const std::lock_guard lock(mutex_);
        given_up_ = given_up_ || !content;  // what comes behind will not be asked for
        ready_.emplace(*place, std::move(content));
        changed_.notify_all();
    }
}

// Those that come before one that failed are fetched by other threads already: places are taken in order.
std::optional<std::size_t> ChunkFetcher::take_place() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return taken_ < given_ + ahead || taken_ == chunks_.size() || given_up_; });
    if (taken_ == chunks_.size() || given_up_) return std::nullopt;
    return taken_++;
}

Result<std::string> ChunkFetcher::fetch(GatewayClient& gateway, ChunkDecompressor& decompressor, const Chunk& chunk) {
    GYRE_TRY_ASSIGN(const std::string frame, fetch_frame(gateway, chunk));
    const auto hash = sha256_hex(frame);
    if (hash != chunk.sha256)
        return corrupt("the downloaded bytes are not what was stored (they hash to " + hash + ")");
    auto content = decompressor.decompress(frame, static_cast<std::size_t>(chunk.content));
    if (!content) return content;
    GYRE_TRY_ASSIGN(const auto mark, job_.known_chunks->mark_of(*content));
    job_.known_chunks->add(mark, {hash, std::ssize(frame), chunk.content});
    return content;
}

Result<std::string> ChunkFetcher::fetch_frame(GatewayClient& gateway, const Chunk& chunk) {
    std::string frame;
    int broken_off = 0;
    const auto take = [&](std::string_view bytes) -> Result<void> {
        if (frame.size() + bytes.size() > static_cast<std::size_t>(chunk.stored))
            return corrupt("a chunk is longer than its list says");
        frame += bytes;
        const std::lock_guard lock(mutex_);
        came_ += std::ssize(bytes);
        return {};
    };
    const auto got = keep_trying(gateway, cutoff_, [&]() -> Result<void> {
        frame.clear();
        auto answer = gateway.get_blob(chunk.sha256, take);
        if (answer || answer.error().fault != Fault::unavailable) return answer;
        // As in download(): one that is away comes back, one that has it and cannot send it is asked a few times.
        if (gateway.has_blob(chunk.sha256).value_or(false) && ++broken_off == tries_of_download)
            return corrupt(fmt::format(
                "the server has it, and failed {} times to send it, so it may be damaged there (gyre doctor tells): {}",
                tries_of_download, answer.error().message));
        return answer;
    });
    if (!got) return got.error();
    return frame;
}

}  // namespace gyre::agent
