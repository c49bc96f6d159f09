#include "base/nursery.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/argv.h"
#include "base/fd_message.h"

extern char** environ;

namespace gyre {
namespace {

constexpr int socket_number = 3;  // in the nursery
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::seconds first_patience{30};
constexpr std::size_t longest_answer = 1024;

// Signals as a fresh program expects them, whatever this process ignores or blocks.
void default_signals(posix_spawnattr_t& attributes) {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// What the nursery has open. A copy outlives us: a listening socket in its hands would keep the next server from its
// address. An error number where one of the actions is missing.
int add_descriptors(posix_spawn_file_actions_t& actions, const std::string& log_file, int socket) {
    for (const int failed :
         {posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
          posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600),
          posix_spawn_file_actions_adddup2(&actions, 1, 2),
          posix_spawn_file_actions_adddup2(&actions, socket, socket_number),
          posix_spawn_file_actions_addclosefrom_np(&actions, socket_number + 1)}) {
        if (failed != 0) return failed;
    }
    return 0;
}

Result<pid_t> spawn(const NurseryCommand& command, int socket) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int failed = add_descriptors(actions, command.log_file, socket);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    default_signals(attributes);
    std::vector<std::string> argv = command.argv;
    argv.insert(argv.end(), {"--nursery-fd", std::to_string(socket_number)});
    pid_t process = -1;
    if (failed == 0)
        failed = ::posix_spawn(&process, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return unavailable("starting " + argv[0] + ": " + std::strerror(failed));
    return process;
}

bool is_answered_within(int socket, std::chrono::milliseconds longest) {
    pollfd answer{socket, POLLIN, 0};
    int ready = 0;
    do ready = ::poll(&answer, 1, static_cast<int>(longest.count()));
    while (ready < 0 && errno == EINTR);
    return ready == 1;
}

Result<Nursery::Copy> copy_in(FdMessage message) {
    Nursery::Copy copy;
    const char* end = message.text.data() + message.text.size();
    const auto read = std::from_chars(message.text.data(), end, copy.process);
    if (message.fds.size() != 1 || read.ptr != end || copy.process <= 0)
        return unavailable("starting a process: " + message.text);
    copy.pidfd = std::move(message.fds.front());
    return copy;
}

}  // namespace

Nursery::Nursery(pid_t process, Fd socket, std::string secret)
    : process_(process), socket_(std::move(socket)), secret_(std::move(secret)) {}

Nursery::Nursery(Nursery&& other) noexcept
    : process_(std::exchange(other.process_, 0)),
      socket_(std::move(other.socket_)),
      secret_(std::move(other.secret_)),
      has_answered_(other.has_answered_) {}

Nursery::~Nursery() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);  // it may not be listening
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<Nursery> Nursery::start(const NurseryCommand& command) {
    if (command.secret.empty() || command.secret.size() > longest_secret_of_a_copy)
        return invalid("the secret of a copy has 1 to 4096 bytes");
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno_error("making sockets");
    Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    GYRE_TRY_ASSIGN(const pid_t process, spawn(command, theirs.get()));
    return Nursery(process, std::move(ours), command.secret);
}

Result<Nursery::Copy> Nursery::copy() {
    GYRE_TRY(send_message(socket_.get(), secret_, {}));
    if (!is_answered_within(socket_.get(), has_answered_ ? patience : first_patience))
        return unavailable("starting a process: no answer in time");
    has_answered_ = true;
    GYRE_TRY_ASSIGN(auto message, receive_message(socket_.get(), longest_answer));
    return copy_in(std::move(message));
}

}  // namespace gyre
