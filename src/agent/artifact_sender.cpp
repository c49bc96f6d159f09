#include "agent/artifact_sender.h"

#include <algorithm>
#include <utility>

namespace gyre::agent {
namespace {

constexpr std::size_t most_threads = 4;  // as many as a server usually has for agents
constexpr std::size_t most_items = 64;
constexpr std::int64_t most_bytes = 64 << 20;

}  // namespace

ArtifactSender::ArtifactSender(Job& job, Tell tell) : job_(job), tell_(std::move(tell)), cutoff_(job.control) {}

ArtifactSender::~ArtifactSender() {
    cutoff_.cut();
    {
        const Lock lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
}

bool ArtifactSender::has_room_for(const std::string& path, std::int64_t size) const {
    if (items_.empty()) return true;
    if (items_.size() == most_items || size > most_bytes - bytes_) return false;
    return std::ranges::none_of(items_, [&](const Item& item) { return item.artifact.path == path; });
}

Result<void> ArtifactSender::add(std::string path, BlobFile blob) {
    Lock lock(mutex_);
    tell_of_ended(lock);
    while (!error_ && !has_room_for(path, blob.size)) {
        changed_.wait(lock, [&] { return is_first_ended() || error_; });
        tell_of_ended(lock);
    }
    if (error_) return *error_;
    bytes_ += blob.size;
    Artifact artifact{
        .task = job_.assignment.attempt.task, .path = std::move(path), .blob = blob.sha256, .size = blob.size};
    items_.push_back({std::move(artifact), std::move(blob), false, {}});
    if (idle_ < items_.size() - taken_ && threads_.size() < most_threads) threads_.emplace_back([this] { work(); });
    changed_.notify_all();
    return {};
}

Result<void> ArtifactSender::finish() {
    Lock lock(mutex_);
    tell_of_ended(lock);
    while (!items_.empty() && !error_) {
        changed_.wait(lock, [&] { return is_first_ended() || error_; });
        tell_of_ended(lock);
    }
    return error_ ? Result<void>(*error_) : Result<void>();
}

void ArtifactSender::tell_of_ended(Lock& lock) {
    while (is_first_ended()) {
        const Item item = std::move(items_.front());
        items_.pop_front();
        --taken_;
        bytes_ -= item.artifact.size;
        lock.unlock();
        tell_(item.artifact, item.refused);
        lock.lock();
    }
}

void ArtifactSender::work() {
    GatewayClient gateway = job_.gateway.another(cutoff_.event());
    while (Item* item = take()) end(*item, store(gateway, *item));
}

// The queue keeps it where it is until it has ended.
ArtifactSender::Item* ArtifactSender::take() {
    Lock lock(mutex_);
    ++idle_;
    changed_.wait(lock, [&] { return taken_ < items_.size() || over_ || error_; });
    --idle_;
    return taken_ < items_.size() && !error_ ? &items_[taken_++] : nullptr;
}

Result<std::optional<Error>> ArtifactSender::store(GatewayClient& gateway, Item& item) {
    GYRE_TRY(upload(gateway, cutoff_, item.blob));
    item.blob.file.reset();
    const auto added = keep_trying(gateway, cutoff_, [&] { return gateway.add_artifact(item.artifact); });
    if (added) return std::optional<Error>();
    if (added.error().fault == Fault::invalid) return std::optional<Error>(added.error());
    return added.error();
}

void ArtifactSender::end(Item& item, Result<std::optional<Error>> stored) {
    const Lock lock(mutex_);
    if (stored) {
        item.refused = std::move(*stored);
        item.ended = true;
    } else if (!error_) {
        error_ = stored.error();
    }
    changed_.notify_all();
}

}  // namespace gyre::agent
