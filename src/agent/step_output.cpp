#include "agent/step_output.h"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <vector>

namespace gyre::agent {
namespace {

constexpr std::size_t read_size = 256 << 10;
constexpr int pipe_size = 1 << 20;

std::vector<char>& read_buffer() {
    thread_local std::vector<char> buffer(read_size);
    return buffer;
}

}  // namespace

StepOutput::StepOutput(std::shared_ptr<Spool> spool, std::shared_ptr<const SecretMatcher> matcher)
    : spool_(std::move(spool)),
      redactor_(std::move(matcher)),
      sink_([this](std::string_view bytes) { spool_->write(bytes); }),
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

StepOutput::Read StepOutput::pump() {
    if (!pipe_) return Read::ended;
    auto& buffer = read_buffer();
    while (true) {
        const auto got = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Read::nothing_now;
        if (got <= 0) {
            pipe_.reset();
            return Read::ended;
        }
        last_bytes_at_ = std::chrono::steady_clock::now();
        redactor_.feed({buffer.data(), static_cast<std::size_t>(got)}, sink_);
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
    redactor_.feed(text, sink_);
    redactor_.idle(sink_);
}

void StepOutput::idle() { redactor_.idle(sink_); }

void StepOutput::finish() {
    pipe_.reset();
    redactor_.end(sink_);
    spool_->finish();
}

}  // namespace gyre::agent
