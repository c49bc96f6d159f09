#pragma once

// One step's output on this machine's disk, between the step that writes it and the server that takes it. Writing never
// waits for the server. Of output beyond the limit, the head and the last part of it are kept, and a line between them
// says how many bytes are missing.
//
// write() and finish() belong to one thread at a time; the other calls may come from any thread. The file stays
// readable until the Spool is destroyed, so that sending may start over at any offset.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class Spool {
public:
    // `more` is called whenever there is more to send, and with `true` when that was all. The file has no name
    // afterwards: a crash leaves nothing.
    using More = std::function<void(bool finished)>;
    static Result<std::shared_ptr<Spool>> open(const std::string& directory, int step, std::int64_t limit, More more);

    void write(std::string_view bytes);
    void finish();  // idempotent

    int step() const { return step_; }
    int file() const { return file_.get(); }
    std::int64_t length() const { return length_.load(std::memory_order_acquire); }  // bytes in the file
    bool is_finished() const { return finished_.load(std::memory_order_acquire); }   // length() will not grow
    bool is_truncated() const { return left_out() > 0; }
    // A sentence when the disk refused some of the output; else empty.
    std::string trouble() const;

private:
    Spool(Fd file, int step, std::int64_t limit, More more);
    void append(std::string_view bytes);
    void keep_tail(std::string_view bytes);
    std::int64_t left_out() const;

    Fd file_;
    int step_;
    std::int64_t head_limit_;
    std::size_t tail_limit_;
    More more_;
    std::string tail_;           // a ring once it is full
    std::size_t tail_next_ = 0;  // where the ring's oldest byte is
    std::atomic<std::int64_t> beyond_head_{0};
    std::atomic<std::int64_t> tail_size_{0};
    std::atomic<std::int64_t> length_{0};
    std::atomic<bool> finished_{false};
    mutable std::mutex trouble_mutex_;
    std::string trouble_;
    bool is_broken_ = false;  // of the thread that writes
};

}  // namespace gyre::agent
