#include "injob/supervise.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "base/fd_message.h"
#include "base/json.h"
#include "injob/home.h"
#include "injob/processes.h"
#include "injob/script_store.h"
#include "injob/spawn.h"
#include "wire/supervisor_protocol.h"

namespace gyre::injob {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::int64_t largest_request = 64 << 20;
constexpr std::size_t longest_message = 4096;
constexpr std::size_t longest_error = 4096;
constexpr std::size_t most_children = 4096;

struct Child {
    std::int64_t id = 0;
    SteadyTime since;
    std::string script;
    std::string halt_file;
};

Result<std::string> read_request(int file) {
    struct stat facts {};
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return invalid("the request is no file");
    if (facts.st_size > largest_request) return too_large("the request has more than 64 MiB");
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto got = pread(file, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (got <= 0) return invalid("the request cannot be read");
        done += static_cast<std::size_t>(got);
    }
    return text;
}

// When memory runs out, the kernel shall choose a step and not its supervisor. A process may raise its own score and
// take it back, and children inherit the score of the moment.
class OomScore {
public:
    OomScore() : file_(open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC)) {
        char text[16] = {};
        if (file_ && read(file_.get(), text, sizeof text - 1) > 0) own_ = std::atoi(text);
    }
    void raise() const { set(std::min(own_ + 500, 1000)); }
    void restore() const { set(own_); }

private:
    void set(int score) const {
        const std::string text = std::to_string(score);
        if (file_ && pwrite(file_.get(), text.data(), text.size(), 0) < 0) return;  // then it is a matter of size
    }
    Fd file_;
    int own_ = 0;
};

class Supervision {
public:
    Supervision(Fd socket, Fd signals, const std::string& place)
        : socket_(std::move(socket)),
          signals_(std::move(signals)),
          user_(current_user()),
          tools_(place.empty() ? wire::injob_directory : place + "/bin"),
          scripts_(place.empty() ? std::vector<std::string>{"/run", "/tmp", "/var/tmp", "/dev/shm", user_.home}
                                 : std::vector<std::string>{place}) {
        own_.emplace("HOME", user_.home);
        own_.emplace("USER", user_.name);
        own_.emplace("LOGNAME", user_.name);
    }

    // Whether all processes of the job are gone.
    bool run() {
        wire::Report hello;
        hello.hello = true;
        hello.home = user_.home;
        hello.user = user_.name;
        hello.has_bash = access("/bin/bash", X_OK) == 0;
        send_report(hello);
        while (!ending_) {
            std::array<pollfd, 2> waits{{{signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
            if (poll(waits.data(), waits.size(), -1) < 0) continue;
            if (waits[0].revents != 0) take_signals();
            if (waits[1].revents != 0) take_message();
        }
        return end_everything();
    }

private:
    void take_signals() {
        signalfd_siginfo info{};
        while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            if (info.ssi_signo != SIGCHLD) ending_ = true;
        }
        reap();
    }

    void reap() {
        int status = 0;
        pid_t pid = 0;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            const auto found = children_.find(pid);
            if (found == children_.end()) continue;  // an orphan
            report_end(found->second, status);
            if (!found->second.script.empty()) unlink(found->second.script.c_str());
            children_.erase(found);
        }
    }

    void report_end(const Child& child, int status) {
        wire::Report report;
        report.id = child.id;
        report.started = true;
        report.run_time_us =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - child.since)
                .count();
        if (WIFEXITED(status)) report.exit_code = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) report.signal = WTERMSIG(status);
        report.halted = !child.halt_file.empty() && access(child.halt_file.c_str(), F_OK) == 0;
        send_report(report);
    }

    void take_message() {
        auto message = receive_message(socket_.get(), longest_message);
        if (!message) {
            ending_ = message.error().fault != Fault::not_found;
        } else if (message->text == "s") {
            take_spawn(std::move(message->fds));
        } else if (message->text.starts_with('{')) {
            take_signal_request(message->text);
        } else {
            refuse(0, "a message of no known kind");
        }
    }

    void take_signal_request(const std::string& text) {
        const auto request = from_json_text<wire::SignalRequest>(text);
        if (!request) return refuse(0, request.error().message);
        if (request->signal < 1 || request->signal > 64) return refuse(request->id, "there is no such signal");
        if (request->id == 0) return signal_everything(request->signal);
        for (const auto& [pid, child] : children_) {
            if (child.id == request->id) return signal_session(pid, request->signal);
        }
    }

    void take_spawn(std::vector<Fd> fds) {
        if (fds.size() != 4) return refuse(0, "a start needs four descriptors");
        const auto text = read_request(fds[0].get());
        if (!text) return refuse(0, text.error().message);
        auto request = from_json_text<wire::SpawnRequest>(*text, {.bytes = largest_request, .depth = 8});
        if (!request) return refuse(0, request.error().message);
        Child child;
        child.id = request->id;
        const auto pid = start(*request, fds, child);
        if (pid) {
            children_.emplace(*pid, std::move(child));
        } else {
            if (!child.script.empty()) unlink(child.script.c_str());
            refuse(request->id, pid.error().message);
        }
    }

    Result<pid_t> start(const wire::SpawnRequest& request, const std::vector<Fd>& fds, Child& child) {
        if (children_.size() >= most_children)
            return too_large("more than " + std::to_string(most_children) + " processes of this job run already");
        Launch what;
        what.environment = environment_for(request, own_, tools_);
        // Always our own: a job that runs Gyre in a step has others in its environment.
        const auto mark = own_.find(wire::attempt_variable);
        if (mark != own_.end()) what.environment[mark->first] = mark->second;
        child.halt_file = what.environment["GYRE_HALT_FILE"] = scripts_.halt_file();
        const std::string directory = resolve_path(request.working_directory, user_.home, user_.home);
        GYRE_TRY_ASSIGN(const Fd opened, open_directory(directory, request.make_directory));
        what.directory = opened.get();
        what.environment["PWD"] = directory;
        what.argv = request.argv;
        if (!request.script.empty()) {
            GYRE_TRY_ASSIGN(child.script, scripts_.write(request.script));
            what.argv.push_back(child.script);
        }
        if (what.argv.empty()) return invalid("there is no command to run");
        GYRE_TRY_ASSIGN(what.executable, find_executable(what.argv[0], what.environment["PATH"], directory));
        for (std::size_t i = 0; i < 3; ++i) what.standard[i] = fds[i + 1].get();
        child.since = std::chrono::steady_clock::now();
        oom_score_.raise();
        auto pid = launch(what);
        oom_score_.restore();
        return pid;
    }

    static Result<Fd> open_directory(const std::string& path, bool make) {
        Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd && errno == ENOENT && make) {
            std::error_code failed;
            std::filesystem::create_directories(path, failed);
            fd = Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        }
        if (!fd) fd = Fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!fd) return errno_error("working directory " + path);
        return fd;
    }

    void refuse(std::int64_t id, const std::string& why) {
        wire::Report report;
        report.id = id;
        report.error = why.substr(0, longest_error);
        send_report(report);
    }

    void send_report(const wire::Report& report) {
        const std::string text = to_json_text(report);
        while (send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) {
            if (errno == EINTR) continue;
            if (errno == EMSGSIZE || errno == ENOBUFS) return;
            ending_ = true;
            return;
        }
    }

    // A process that forks all the time may need several rounds. As the first process of a namespace our exit kills
    // whatever is left; elsewhere there is nothing more to be done after that many.
    bool end_everything() {
        for (int round = 0; round < 200; ++round) {
            signal_everything(SIGKILL);
            while (waitpid(-1, nullptr, WNOHANG) > 0) {
            }
            if (waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return true;
            pollfd wait{signals_.get(), POLLIN, 0};
            poll(&wait, 1, 10);
            signalfd_siginfo info{};
            while (read(signals_.get(), &info, sizeof info) > 0) {
            }
        }
        return false;
    }

    Fd socket_;
    Fd signals_;
    User user_;
    std::string tools_;  // a directory
    ScriptStore scripts_;
    OomScore oom_score_;
    Variables own_ = own_environment();
    std::unordered_map<pid_t, Child> children_;
    bool ending_ = false;
};

void open_standard_descriptors() {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 3) fd = open("/dev/null", O_RDWR);
    if (fd >= 3) close(fd);
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    for (int number = 3; number < 1024; ++number) {  // Linux before 5.11
        const int flags = fcntl(number, F_GETFD);
        if (flags >= 0) fcntl(number, F_SETFD, flags | FD_CLOEXEC);
    }
}

Fd prepare_signals() {
    for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&ours, number);
    sigprocmask(SIG_SETMASK, &ours, nullptr);
    return Fd(signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC));
}

}  // namespace

Result<Fd> connect_to_agent(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return invalid("the socket's path is too long: " + path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    for (int attempt = 0; attempt < 200; ++attempt) {
        Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        if (!socket) return errno_error("making a socket");
        if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
        if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN) break;
        poll(nullptr, 0, 50);
    }
    return errno_error("connecting to the agent at " + path);
}

int supervise(Fd socket, const std::string& place) {
    open_standard_descriptors();
    if (getpid() != 1) prctl(PR_SET_CHILD_SUBREAPER, 1);
    umask(022);
    Fd signals = prepare_signals();
    if (!signals) return 1;
    Supervision supervision(std::move(socket), std::move(signals), place);
    prctl(PR_SET_DUMPABLE, 0);  // steps run as the same user and must not read or trace this process
    return supervision.run() ? 0 : 1;
}

}  // namespace gyre::injob
