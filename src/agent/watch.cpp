#include "agent/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
using Instant = std::chrono::steady_clock::time_point;

constexpr auto idle_time = 100ms;  // then held bytes may appear
constexpr auto time_to_obey = 2s;  // between SIGTERM and SIGKILL
constexpr std::size_t complaint_limit = 16 << 10;

// The helper's exit codes (injob/arguments.h).
Fault fault_of(int code) {
    switch (code) {
        case 3:
        case 5:
        case 7:
            return Fault::not_found;
        case 4:
            return Fault::conflict;
        case 6:
            return Fault::too_large;
        case 9:
            return Fault::denied;
        default:
            return Fault::invalid;
    }
}

Error stopping(const Job& job) { return unavailable("the job is stopping: " + job.control.why()); }

int milliseconds_until(Instant at) {
    if (at == Instant::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
}

std::optional<ProcessEnd> end_of(Job& job, std::int64_t id) {
    return job.supervisor.wait(id, std::chrono::steady_clock::now());
}

// Takes the output while the process gets a chance to end by itself; then kills it.
void end_process(Job& job, std::int64_t id, StepOutput* output) {
    if (job.control.must_vanish()) return job.supervisor.kill_all();
    job.supervisor.signal(id, SIGTERM);
    const Instant deadline = std::chrono::steady_clock::now() + time_to_obey;
    while (std::chrono::steady_clock::now() < deadline && !end_of(job, id)) {
        std::array<pollfd, 2> waiting{
            {{job.supervisor.end_event(id), POLLIN, 0}, {output ? output->pipe() : -1, POLLIN, 0}}};
        ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
        if (waiting[1].revents != 0) output->pump();
    }
    job.supervisor.signal(id, SIGKILL);
}

WatchEnd watch_until_end(Job& job, std::int64_t id, StepOutput* output, std::chrono::milliseconds silence_limit) {
    const int ended = job.supervisor.end_event(id);
    while (true) {
        std::array<pollfd, 3> waiting{
            {{ended, POLLIN, 0}, {job.control.stop_event(), POLLIN, 0}, {output ? output->pipe() : -1, POLLIN, 0}}};
        Instant wake = Instant::max();
        if (output && silence_limit > 0ms) wake = output->last_bytes_at() + silence_limit;
        if (output && output->is_holding()) wake = std::min(wake, std::chrono::steady_clock::now() + idle_time);
        if (ended < 0) wake = std::min(wake, std::chrono::steady_clock::now() + idle_time);  // no descriptor was left
        const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_until(wake));
        if (ready < 0 && errno != EINTR) return ProcessEnd{BoxGone{errno_error("waiting for a process").message}};
        if (waiting[2].revents != 0) output->pump();
        if (waiting[0].revents != 0 || ended < 0) {
            if (auto end = end_of(job, id)) return *end;
        }
        if (waiting[1].revents != 0) return Interrupted::stopping;
        if (ready == 0 && output) output->idle();
        if (output && silence_limit > 0ms &&
            std::chrono::steady_clock::now() >= output->last_bytes_at() + silence_limit) {
            return Interrupted::silent;
        }
    }
}

Result<void> wait_for(Job& job, int fd, short events) {
    std::array<pollfd, 2> waiting{{{fd, events, 0}, {job.control.stop_event(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return errno_error("waiting for a pipe");
    if (waiting[1].revents != 0) return stopping(job);
    return {};
}

}  // namespace

WatchEnd watch(Job& job, std::int64_t id, StepOutput* output, std::chrono::milliseconds silence_limit) {
    WatchEnd end = watch_until_end(job, id, output, silence_limit);
    if (std::holds_alternative<Interrupted>(end)) end_process(job, id, output);
    if (output) output->pump_all();
    return end;
}

Result<std::size_t> read_from(Job& job, int fd, char* bytes, std::size_t size) {
    while (true) {
        if (job.control.is_stopping()) return stopping(job);
        const auto got = ::read(fd, bytes, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return errno_error("reading from the job");
        GYRE_TRY(wait_for(job, fd, POLLIN));
    }
}

Result<void> write_to(Job& job, int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        if (job.control.is_stopping()) return stopping(job);
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            GYRE_TRY(wait_for(job, fd, POLLOUT));
        } else if (errno != EINTR) {
            return errno_error("writing to the job");
        }
    }
    return {};
}

Result<PipeEnds> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("making a pipe");
    ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
    return PipeEnds{Fd(ends[0]), Fd(ends[1])};
}

void set_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

Result<Tool> Tool::start(Job& job, std::vector<std::string> arguments, Fd in, Fd out) {
    Fd err(::memfd_create("complaints", MFD_CLOEXEC));
    if (!err) return errno_error("making room for a tool's messages");
    StandardFds fds{.in = std::move(in), .out = std::move(out), .err = Fd(::fcntl(err.get(), F_DUPFD_CLOEXEC, 3))};
    wire::SpawnRequest request;
    request.argv = std::move(arguments);
    request.argv.insert(request.argv.begin(), job.helper);
    request.working_directory = "/";
    request.make_directory = false;
    GYRE_TRY_ASSIGN(const std::int64_t id, job.supervisor.spawn(std::move(request), std::move(fds)));
    return Tool(job, id, std::move(err));
}

Tool::~Tool() {
    if (err_ && id_) job_->supervisor.signal(*id_, SIGKILL);
}

Result<int> Tool::wait() {
    const WatchEnd end = watch(*job_, *id_, nullptr, 0ms);
    id_.reset();
    if (std::holds_alternative<Interrupted>(end)) return stopping(*job_);
    return std::visit(
        [](const auto& how) -> Result<int> {
            using How = std::decay_t<decltype(how)>;
            if constexpr (std::is_same_v<How, ExitedWith>)
                return how.code;
            else if constexpr (std::is_same_v<How, KilledBy>)
                return 128 + how.signal;
            else if constexpr (std::is_same_v<How, NeverStarted>)
                return unavailable("the helper inside the job could not start: " + how.reason);
            else
                return unavailable("the job's environment is gone: " + how.reason);
        },
        std::get<ProcessEnd>(end));
}

std::string Tool::complaints() const {
    std::string text(complaint_limit, '\0');
    const auto got = ::pread(err_.get(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

Error failure_of(const Tool& tool, int code, std::string_view what) {
    const std::string complaints = tool.complaints();
    return Error{fault_of(code),
                 std::string(what) + ": " + (complaints.empty() ? "exit code " + std::to_string(code) : complaints)};
}

Result<void> succeed(Tool& tool, std::string_view what) {
    GYRE_TRY_ASSIGN(const int code, tool.wait());
    return code == 0 ? Result<void>{} : failure_of(tool, code, what);
}

}  // namespace gyre::agent
