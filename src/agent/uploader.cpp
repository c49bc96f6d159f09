#include "agent/uploader.h"

#include <algorithm>

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t largest_piece = 4 << 20;
constexpr std::int64_t worth_sending = 512 << 10;  // this much goes at once, however recently something was sent
constexpr auto pause_between_pieces = 20ms;

}  // namespace

Uploader::Uploader(GatewayClient gateway) : gateway_(std::move(gateway)), thread_([this] { run(); }) {}

Uploader::~Uploader() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Uploader::add(std::shared_ptr<Spool> spool) {
    auto stream = std::make_unique<Stream>();
    stream->spool = std::move(spool);
    const std::lock_guard lock(mutex_);
    streams_.push_back(std::move(stream));
}

void Uploader::notify(bool finished) {
    {
        const std::lock_guard lock(mutex_);
        const auto is_much = [](const auto& stream) { return stream->waiting() >= worth_sending; };
        if (news_) return;
        if (dozing_ && !finished && std::none_of(streams_.begin(), streams_.end(), is_much)) return;
        news_ = true;
    }
    changed_.notify_one();
}

void Uploader::drain() {
    notify(true);
    std::unique_lock lock(mutex_);
    drained_.wait(lock, [&] {
        return gateway_.control().is_fenced() ||
               std::all_of(streams_.begin(), streams_.end(), [](const auto& stream) { return stream->is_done(); });
    });
}

std::string Uploader::trouble() {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

Uploader::Stream* Uploader::choose(Instant now, Instant& wake) {
    Stream* chosen = nullptr;
    for (const auto& stream : streams_) {
        const std::int64_t waiting = stream->waiting();
        if (waiting == 0) continue;
        const bool due = waiting >= worth_sending || stream->spool->is_finished() || now >= stream->not_before;
        if (!due) {
            wake = std::min(wake, stream->not_before);
        } else if (!chosen || stream->not_before < chosen->not_before) {
            chosen = stream.get();
        }
    }
    return chosen;
}

void Uploader::run() {
    std::unique_lock lock(mutex_);
    while (!closing_ && !gateway_.control().is_fenced()) {
        news_ = false;
        const Instant now = std::chrono::steady_clock::now();
        Instant wake = now + 1h;
        if (Stream* stream = choose(now, wake)) {
            send(*stream, lock);
            continue;
        }
        drained_.notify_all();
        dozing_ = wake < now + 1h;
        changed_.wait_until(lock, wake, [&] { return news_ || closing_; });
        dozing_ = false;
    }
    drained_.notify_all();
}

void Uploader::send(Stream& stream, std::unique_lock<std::mutex>& lock) {
    const FilePart part{stream.spool->file(), stream.acknowledged, std::min(stream.waiting(), largest_piece)};
    lock.unlock();
    const auto stored = gateway_.put_output(stream.spool->step(), part);
    if (!stored && stored.error().fault == Fault::unavailable) {
        // A fence ends the wait; the destructor does not hurry it by more than the longest pause.
        sleep_unless(gateway_.control().fence_event(), back_off_.next(gateway_.was_refused()));
        lock.lock();
        return;
    }
    lock.lock();
    stream.not_before = std::chrono::steady_clock::now() + pause_between_pieces;
    if (stored && *stored <= stream.spool->length()) {
        back_off_.reset();
        stream.acknowledged = *stored;
        return;
    }
    stream.given_up = true;
    trouble_ = stored ? "the server has more output of this step than there is" : stored.error().message;
}

}  // namespace gyre::agent
