#include "agent/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "base/fd_message.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

constexpr std::size_t longest_report = 64 << 10;

// The next report. `unavailable` when the other end is gone, `invalid` when it speaks nonsense.
Result<wire::Report> receive_report(int socket) {
    std::array<char, longest_report> bytes;  // NOLINT: written by recv
    while (true) {
        const auto got = recv(socket, bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return unavailable("the job's environment has ended");
        return from_json_text<wire::Report>(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
    }
}

Result<Fd> request_file(const std::string& text) {
    Fd file(memfd_create("gyre-request", MFD_CLOEXEC));
    if (!file) return errno_error("making a memory file");
    std::size_t done = 0;
    while (done < text.size()) {
        const auto wrote = write(file.get(), text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return errno_error("writing a memory file");
        done += static_cast<std::size_t>(wrote);
    }
    return file;
}

ProcessEnd end_of(const wire::Report& report) {
    if (report.exit_code) return ExitedWith{*report.exit_code, report.halted};
    if (report.signal) return KilledBy{*report.signal};
    return NeverStarted{report.error};
}

}  // namespace

struct Supervisor::State {
    struct Process {
        std::optional<ProcessEnd> end;
        Fd event;  // made when first asked for
    };

    Fd socket;
    InsideFacts inside;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::int64_t, Process> processes;
    std::int64_t last_id = 0;
    bool gone = false;
    std::thread reader;

    static void announce(const Process& process) {
        if (process.event) eventfd_write(process.event.get(), 1);
    }

    void take_end(const wire::Report& report) {
        if (!report.exit_code && !report.signal && report.error.empty()) return;
        {
            const std::lock_guard held(mutex);
            const auto found = processes.find(report.id);
            if (found == processes.end() || found->second.end) return;
            found->second.end = end_of(report);
            announce(found->second);
        }
        changed.notify_all();  // not under the lock, which the woken would only wait for
    }

    void read_reports() {
        while (true) {
            const auto report = receive_report(socket.get());
            if (!report && report.error().fault == Fault::unavailable) break;
            if (report && !report->hello) take_end(*report);
        }
        const std::lock_guard held(mutex);
        gone = true;
        for (auto& [id, process] : processes) {
            if (!process.end) process.end = BoxGone{"the job's environment has ended"};
            announce(process);
        }
        changed.notify_all();
    }

    void send_signal(std::int64_t id, int number) const {
        const std::string text = to_json_text(wire::SignalRequest{id, number});
        send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }
};

Result<std::unique_ptr<Supervisor>> Supervisor::connect(Fd socket, std::chrono::milliseconds patience) {
    pollfd wait{socket.get(), POLLIN, 0};
    int ready = 0;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    do {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        ready = poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return unavailable("the job's supervisor did not answer within " + std::to_string(patience.count()) + " ms");
    const auto hello = receive_report(socket.get());
    if (!hello) return hello.error().during("starting the job's supervisor");
    if (!hello->hello) return unavailable("the job's supervisor did not greet first; is it of another version?");
    auto state = std::make_unique<State>();
    state->socket = std::move(socket);
    state->inside = {hello->home, hello->user, hello->has_bash};
    state->reader = std::thread([raw = state.get()] { raw->read_reports(); });
    return std::unique_ptr<Supervisor>(new Supervisor(std::move(state)));
}

Supervisor::Supervisor(std::unique_ptr<State> state) : state_(std::move(state)) {}

Supervisor::~Supervisor() {
    shutdown(state_->socket.get(), SHUT_RDWR);
    state_->reader.join();
}

const InsideFacts& Supervisor::inside() const { return state_->inside; }

bool Supervisor::is_gone() const {
    const std::lock_guard held(state_->mutex);
    return state_->gone;
}

Result<std::int64_t> Supervisor::spawn(wire::SpawnRequest request, StandardFds fds) {
    for (Fd* one : {&fds.in, &fds.out, &fds.err}) {
        if (!*one) *one = Fd(open("/dev/null", O_RDWR | O_CLOEXEC));
        if (!*one) return errno_error("opening /dev/null");
    }
    {
        const std::lock_guard held(state_->mutex);
        if (state_->gone) return unavailable("the job's environment has ended");
        request.id = ++state_->last_id;
        state_->processes[request.id];
    }
    auto file = request_file(to_json_text(request));
    const auto sent = file ? send_message(state_->socket.get(), "s",
                                          std::array{file->get(), fds.in.get(), fds.out.get(), fds.err.get()})
                           : Result<void>(file.error());
    if (sent) return request.id;
    const std::lock_guard held(state_->mutex);
    state_->processes.erase(request.id);
    return sent.error();
}

std::optional<ProcessEnd> Supervisor::wait(std::int64_t id, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock held(state_->mutex);
    auto& processes = state_->processes;
    auto found = processes.end();
    const bool told = state_->changed.wait_until(held, deadline, [&] {
        found = processes.find(id);
        return found == processes.end() || found->second.end;
    });
    if (!told) return std::nullopt;
    if (found == processes.end()) return NeverStarted{"no such process was started"};
    auto end = std::move(found->second.end);
    processes.erase(found);
    return end;
}

int Supervisor::end_event(std::int64_t id) {
    const std::lock_guard held(state_->mutex);
    const auto found = state_->processes.find(id);
    if (found == state_->processes.end()) return -1;
    auto& process = found->second;
    if (!process.event) process.event = Fd(eventfd(process.end ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK));
    return process.event.get();
}

void Supervisor::forget(std::int64_t id) {
    const std::lock_guard held(state_->mutex);
    state_->processes.erase(id);
}

void Supervisor::signal(std::int64_t id, int number) { state_->send_signal(id, number); }

void Supervisor::kill_all() { state_->send_signal(0, SIGKILL); }

}  // namespace gyre::agent
