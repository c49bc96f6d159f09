#include "agent/spool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/nameless_file.h"

namespace gyre::agent {
namespace {

constexpr std::int64_t longest_tail = 1 << 20;

}  // namespace

Result<std::shared_ptr<Spool>> Spool::open(const std::string& directory, int step, std::int64_t limit, More more) {
    GYRE_TRY_ASSIGN(Fd file, open_nameless_file(directory));
    return std::shared_ptr<Spool>(new Spool(std::move(file), step, limit, std::move(more)));
}

Spool::Spool(Fd file, int step, std::int64_t limit, More more)
    : file_(std::move(file)), step_(step), more_(std::move(more)) {
    const std::int64_t tail = std::min(longest_tail, limit / 4);
    head_limit_ = limit - tail;
    tail_limit_ = static_cast<std::size_t>(tail);
}

void Spool::write(std::string_view bytes) {
    if (bytes.empty() || is_finished()) return;
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(0, head_limit_ - length()));
    const std::string_view head = bytes.substr(0, room);
    if (!head.empty()) append(head);
    if (head.size() < bytes.size()) keep_tail(bytes.substr(head.size()));
}

void Spool::append(std::string_view bytes) {
    if (is_broken_) return;  // a gap would look like output
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const std::lock_guard lock(trouble_mutex_);
            trouble_ = errno_error("writing a step's output to this machine's disk").message;
            is_broken_ = true;
            return;
        }
        length_.fetch_add(written, std::memory_order_release);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    more_(false);
}

void Spool::keep_tail(std::string_view bytes) {
    beyond_head_ += static_cast<std::int64_t>(bytes.size());
    if (bytes.size() >= tail_limit_) {
        tail_.assign(bytes.substr(bytes.size() - tail_limit_));
        tail_next_ = 0;
    } else {
        const auto grow = std::min(bytes.size(), tail_limit_ - tail_.size());
        tail_ += bytes.substr(0, grow);
        bytes.remove_prefix(grow);
        while (!bytes.empty()) {
            const auto piece = std::min(bytes.size(), tail_.size() - tail_next_);
            bytes.copy(tail_.data() + tail_next_, piece);
            tail_next_ = (tail_next_ + piece) % tail_.size();
            bytes.remove_prefix(piece);
        }
    }
    tail_size_ = static_cast<std::int64_t>(tail_.size());
}

void Spool::finish() {
    if (is_finished()) return;
    if (const auto missing = left_out(); missing > 0) {
        append(fmt::format("\n... {} bytes of output were left out here: a step may print {} MB ...\n", missing,
                           (head_limit_ + static_cast<std::int64_t>(tail_limit_)) >> 20));
    }
    append(std::string_view(tail_).substr(tail_next_));
    append(std::string_view(tail_).substr(0, tail_next_));
    tail_.clear();
    tail_.shrink_to_fit();
    finished_.store(true, std::memory_order_release);
    more_(true);
}

std::int64_t Spool::left_out() const { return beyond_head_ - tail_size_; }

std::string Spool::trouble() const {
    const std::lock_guard lock(trouble_mutex_);
    return trouble_;
}

}  // namespace gyre::agent
