#include "agent/step_output.h"

#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <string>
#include <thread>

namespace gyre::agent {
namespace {

constexpr std::size_t read_size = 256 << 10;
constexpr int pipe_size = 1 << 20;
constexpr std::size_t worth_a_write = 32 << 10;

// Reading and storing each few kB of a stream that pours takes more time than the bytes themselves.
constexpr auto quick = std::chrono::milliseconds(1);  // between two reads
constexpr int quick_for_long = 4;
constexpr auto time_to_gather = std::chrono::microseconds(300);

// Not filled: most outputs are short, and a page that nobody touches costs nothing.
char* read_buffer() {
    thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(read_size);
    return buffer.get();
}

}  // namespace

StepOutput::StepOutput(std::shared_ptr<Spool> spool, std::shared_ptr<const SecretMatcher> matcher)
    : spool_(std::move(spool)),
      redactor_(std::move(matcher)),
      sink_([this](std::string_view bytes) { take(bytes); }),
      last_bytes_at_(std::chrono::steady_clock::now()) {}

Result<StandardFds> StepOutput::open_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("making a pipe for a step's output");
    pipe_ = Fd(ends[0]);
    StandardFds fds{.in = {}, .out = Fd(ends[1]), .err = {}};
    fds.err = Fd(::fcntl(fds.out.get(), F_DUPFD_CLOEXEC, 3));
    if (!fds.err) return errno_error("making a pipe for a step's output");
    ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(pipe_.get(), F_SETPIPE_SZ, pipe_size);  // refused above the user's quota: then it stays small
    last_bytes_at_ = std::chrono::steady_clock::now();
    return fds;
}

void StepOutput::let_gather() {
    const bool again = last_read_ < worth_a_write && std::chrono::steady_clock::now() - last_bytes_at_ < quick;
    quick_reads_ = again ? quick_reads_ + 1 : 0;
    if (quick_reads_ >= quick_for_long) std::this_thread::sleep_for(time_to_gather);
}

// A redactor gives what it held back and what came behind it in pieces.
void StepOutput::take(std::string_view bytes) {
    if (taken_.empty() && bytes.size() >= worth_a_write) return spool_->write(bytes);
    taken_ += bytes;
    if (taken_.size() >= worth_a_write) flush();
}

void StepOutput::flush() {
    if (!taken_.empty()) spool_->write(taken_);
    taken_.clear();
}

void StepOutput::feed(std::string_view bytes) {
    redactor_.feed(bytes, sink_);
    flush();
}

StepOutput::Read StepOutput::pump() {
    if (!pipe_) return Read::ended;
    let_gather();
    char* const buffer = read_buffer();
    while (true) {
        const auto got = ::read(pipe_.get(), buffer, read_size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Read::nothing_now;
        if (got <= 0) {
            pipe_.reset();
            return Read::ended;
        }
        last_bytes_at_ = std::chrono::steady_clock::now();
        last_read_ = static_cast<std::size_t>(got);
        feed({buffer, last_read_});
        return Read::bytes;
    }
}

void StepOutput::pump_all() {
    for (int rounds = 0; rounds < 2 * pipe_size / 4096 && pump() == Read::bytes; ++rounds) {
    }
}

void StepOutput::say(std::string_view line) {
    std::string text(line);
    text += '\n';
    feed(text);
    idle();
}

void StepOutput::idle() {
    redactor_.idle(sink_);
    flush();
}

void StepOutput::finish() {
    pipe_.reset();
    redactor_.end(sink_);
    flush();
    spool_->finish();
}

}  // namespace gyre::agent
