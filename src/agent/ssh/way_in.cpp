#include "agent/ssh/way_in.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/watch.h"
#include "base/fd_message.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto terminal_patience = 10s;
constexpr int most_cells = 10'000;
constexpr std::size_t longest_sentence = 1024;

// Where images have it. Without one, what to do is said on standard error: standard output speaks the protocol.
constexpr const char* find_sftp_server =
    "for one in /usr/lib/openssh/sftp-server /usr/lib/ssh/sftp-server /usr/libexec/openssh/sftp-server "
    "/usr/libexec/sftp-server /usr/lib/misc/sftp-server; do [ -x \"$one\" ] && exec \"$one\"; done; "
    "echo 'this image has no sftp-server: install openssh-sftp-server in it, or use scp -O' >&2; exit 127";

std::vector<std::string> words_of(const GuestWish& wish, const InsideFacts& inside) {
    if (wish.files) return {"/bin/sh", "-c", find_sftp_server};
    const std::string shell = inside.has_bash ? "/bin/bash" : "/bin/sh";
    if (!wish.command.empty()) return {shell, "-c", wish.command};
    if (!wish.terminal) return {shell};
    // A bash that runs a command reads $BASH_ENV first, as the one of a step does; one at a terminal does not.
    if (inside.has_bash) return {shell, "-c", "exec /bin/bash -i"};
    return {shell, "-i"};
}

wire::SpawnRequest request_for(const WayIn& way, const GuestWish& wish) {
    wire::SpawnRequest request;
    auto words = words_of(wish, way.supervisor->inside());
    if (wish.terminal) {
        request.argv = {way.helper,  "terminal",
                        "--columns", std::to_string(std::clamp(wish.terminal->columns, 1, most_cells)),
                        "--rows",    std::to_string(std::clamp(wish.terminal->rows, 1, most_cells)),
                        "--"};
        if (!wish.terminal->kind.empty()) request.environment.push_back({"TERM", wish.terminal->kind});
    }
    request.argv.insert(request.argv.end(), words.begin(), words.end());
    const Environment of_steps = way.environment.now();
    request.environment.insert(request.environment.begin(), of_steps.begin(), of_steps.end());
    request.environment.insert(request.environment.end(), wish.environment.begin(), wish.environment.end());
    request.working_directory = way.working_directory;
    return request;
}

Result<std::array<Fd, 2>> make_sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno_error("making sockets");
    return std::array<Fd, 2>{Fd(ends[0]), Fd(ends[1])};
}

// What the helper sent: a descriptor, or a sentence.
Result<Fd> receive_terminal(int socket) {
    auto message = receive_message(socket, longest_sentence, MSG_DONTWAIT);
    if (message && message->fds.size() == 1) return std::move(message->fds.front());
    if (message && message->fds.empty() && message->text.size() > 1) return unavailable(message->text);
    return unavailable("the job gave no terminal");
}

}  // namespace

Result<GuestProcess> GuestProcess::start(const WayIn& way, const GuestWish& wish) {
    StandardFds theirs;
    Fd socket;
    PipeEnds in;
    PipeEnds out;
    PipeEnds err;
    if (wish.terminal) {
        GYRE_TRY_ASSIGN(auto ends, make_sockets());
        socket = std::move(ends[0]);
        theirs.in = std::move(ends[1]);
    } else {
        GYRE_TRY_ASSIGN(in, make_pipe());
        GYRE_TRY_ASSIGN(out, make_pipe());
        GYRE_TRY_ASSIGN(err, make_pipe());
        theirs = {std::move(in.read), std::move(out.write), std::move(err.write)};
    }
    GYRE_TRY_ASSIGN(const auto id, way.supervisor->spawn(request_for(way, wish), std::move(theirs)));
    GuestProcess process(*way.supervisor, id);
    if (wish.terminal) {
        GYRE_TRY(process.meet_terminal(socket));
        return process;
    }
    process.input_ = std::move(in.write);
    process.output_ = std::move(out.read);
    process.errors_ = std::move(err.read);
    for (const int fd : {process.input(), process.output(), process.errors()}) set_non_blocking(fd);
    return process;
}

Result<void> GuestProcess::meet_terminal(const Fd& socket) {
    std::array<pollfd, 2> waits{{{socket.get(), POLLIN, 0}, {end_event(), POLLIN, 0}}};
    const auto until = std::chrono::steady_clock::now() + terminal_patience;
    int ready = 0;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        ready = ::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) return unavailable("the job did not open a terminal within 10 s");
    auto terminal = receive_terminal(socket.get());
    if (!terminal) {
        const auto over = end();
        const auto* never = over ? std::get_if<NeverStarted>(&*over) : nullptr;
        return never != nullptr ? unavailable(never->reason) : terminal.error();
    }
    set_non_blocking(terminal->get());
    input_ = Fd(::fcntl(terminal->get(), F_DUPFD_CLOEXEC, 0));
    output_ = std::move(*terminal);
    return input_ ? Result<void>() : errno_error("opening the terminal");
}

GuestProcess::GuestProcess(GuestProcess&& other) noexcept
    : supervisor_(other.supervisor_),
      id_(std::exchange(other.id_, std::nullopt)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

GuestProcess::~GuestProcess() {
    if (!id_) return;
    supervisor_->signal(*id_, SIGHUP);
    supervisor_->forget(*id_);
}

int GuestProcess::end_event() { return id_ ? supervisor_->end_event(*id_) : -1; }

std::optional<ProcessEnd> GuestProcess::end() {
    if (!id_) return std::nullopt;
    auto over = supervisor_->wait(*id_, std::chrono::steady_clock::now());
    if (over) id_.reset();
    return over;
}

void GuestProcess::signal(int number) {
    if (id_) supervisor_->signal(*id_, number);
}

void GuestProcess::resize(int columns, int rows) {
    if (!output_) return;
    winsize size{};
    size.ws_col = static_cast<unsigned short>(std::clamp(columns, 1, most_cells));
    size.ws_row = static_cast<unsigned short>(std::clamp(rows, 1, most_cells));
    ::ioctl(output_.get(), TIOCSWINSZ, &size);
}

}  // namespace gyre::agent
