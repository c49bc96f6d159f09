#include "agent/executors/plain.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "agent/executors/job_limits.h"
#include "agent/executors/marked_processes.h"
#include "agent/executors/process_start.h"
#include "agent/executors/sandbox_record.h"
#include "agent/executors/sandbox_tree.h"
#include "base/argv.h"
#include "base/log.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::seconds patience{20};  // until the supervisor greets
constexpr int farewell_ms = 5'000;            // until the supervisor has ended all, and itself
constexpr int socket_descriptor = 3;          // in the supervisor

std::string user_name() {
    const passwd* entry = getpwuid(geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

struct Start {
    std::vector<std::string> words;
    std::vector<std::string> environment;
    const CgroupEntrances* cgroup = nullptr;
    int socket = -1;
};

// In a child of a process with threads: nothing may allocate.
[[noreturn]] void become_supervisor(const Start& start, bool born_inside, char* const* argv, char* const* envp) {
    (void)enter(*start.cgroup, born_inside);
    setsid();  // a terminal's Ctrl-C is for `gyre run`, which cancels the job
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int number = 0; number < 3; ++number) {
        if (dup2(null, number) < 0) _exit(127);
    }
    if (start.socket == socket_descriptor) {
        fcntl(start.socket, F_SETFD, 0);
    } else if (dup2(start.socket, socket_descriptor) < 0) {
        _exit(127);
    }
    close_range(socket_descriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(argv[0], argv, envp);
    _exit(127);
}

Result<pid_t> fork_supervisor(const Start& start) {
    const auto argv = argv_of(start.words);
    const auto envp = argv_of(start.environment);
    bool born_inside = false;
    const pid_t pid = fork_into(*start.cgroup, born_inside);
    if (pid == 0) become_supervisor(start, born_inside, argv.data(), envp.data());
    if (pid < 0) return errno_error("starting the job's supervisor");
    return pid;
}

bool has_ended(const Fd& process, int wait_ms) {
    pollfd end{process.get(), POLLIN, 0};
    int ready = 0;
    do ready = poll(&end, 1, wait_ms);
    while (ready < 0 && errno == EINTR);
    return ready == 1;
}

class PlainBox final : public Box {
public:
    PlainBox(const BoxRequest& request, const ExecutorSettings& settings)
        : request_(request), settings_(settings), box_(request.directory + "/plain") {}
    ~PlainBox() override { (void)destroy(); }
    PlainBox(const PlainBox&) = delete;
    PlainBox& operator=(const PlainBox&) = delete;

    Result<void> make() {
        tell();
        GYRE_TRY(open_record());
        GYRE_TRY(make_files());
        limits_.set(request_.name, request_.assignment->resources);
        things_.cgroups = limits_.group().directories();
        if (const auto text = limits_.not_limited(false); !text.empty()) say(text);
        return launch();
    }

    Supervisor& supervisor() override { return *supervisor_; }
    std::string helper() const override { return box_ + "/bin/gyre-injob"; }
    std::string temporary() const override { return box_ + "/tmp"; }

    std::string trouble() override {
        const std::string met = limits_.trouble();
        if (met.empty() && process_ && has_ended(process_, 0)) return "the job's supervisor ended unexpectedly";
        return met;
    }
    void forget_trouble() override { limits_.forget_trouble(); }
    UsageMeter usage_meter() const override { return limits_.usage_meter(); }
    std::unique_ptr<DiskMeter> disk_meter() const override { return make_tree_meter(box_); }

    Result<void> stop() override {
        supervisor_.reset();  // it sees the socket close, kills everything and exits
        if (pid_ <= 0) return {};
        if (!has_ended(process_, farewell_ms)) kill(pid_, SIGKILL);
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        const bool nothing_is_left = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!nothing_is_left) ended_ = end_marked_processes(request_.name);
        return ended_;
    }

    Result<void> destroy() override {
        if (destroyed_) return {};
        destroyed_ = true;
        (void)stop();
        limits_.group().remove();
        auto removed = remove_tree(box_);
        if (!ended_) removed = ended_;
        if (!removed) log::warn("plain", "{}", removed.error().message);
        if (record_ && removed) record_->remove();
        return removed;
    }

private:
    void say(const std::string& line) const {
        if (request_.say) request_.say(line);
    }

    void tell() const {
        say("NOTICE: NO ISOLATION. The administrator chose --sandbox=none: the steps of this job are plain processes "
            "of "
            "the user " +
            user_ +
            " on this host. They can read and change whatever that user can: the server's own data, the secrets of all "
            "projects, other jobs.");
        const auto* docker = std::get_if<DockerExecutor>(&request_.assignment->job.executor);
        if (docker == nullptr) return;
        for (std::size_t i = 0; i < docker->containers.size(); ++i) {
            say((i == 0 ? "The image " : "The service container ") + docker->containers[i].image +
                (i == 0 ? " is not used." : " is not started."));
        }
    }

    Result<void> open_record() {
        things_.name = request_.name;
        things_.directory = box_;
        const std::string root = settings_.work_directory.empty() ? request_.directory : settings_.work_directory;
        GYRE_TRY_ASSIGN(auto record, SandboxRecord::open(root + "/plain", request_.name));
        record_.emplace(std::move(record));
        return {};
    }

    Result<void> make_files() {
        GYRE_TRY(remove_tree(box_));
        for (const char* part : {"", "/bin", "/home", "/tmp"}) {
            if (mkdir((box_ + part).c_str(), 0700) != 0) return errno_error("making " + box_ + part);
        }
        for (const char* name : {"gyre-injob", "circleci", "circleci-agent"}) {
            if (symlink(request_.injob_path.c_str(), (box_ + "/bin/" + name).c_str()) != 0)
                return errno_error("making a link to " + request_.injob_path);
        }
        return {};
    }

    // Of the agent's own, the job gets the PATH: what the administrator has put there is for it.
    std::vector<std::string> environment() const {
        const char* path = std::getenv("PATH");
        return {std::string("PATH=") + (path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"),
                "HOME=" + box_ + "/home",
                "TMPDIR=" + temporary(),
                "USER=" + user_,
                "LOGNAME=" + user_,
                "LC_CTYPE=C.UTF-8",
                std::string(wire::attempt_variable) + "=" + request_.name};
    }

    Result<void> launch() {
        // Before there is a process: whoever sweeps then looks for marks.
        GYRE_TRY(record_->write(things_));
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
            return errno_error("making a socket");
        Fd ours(ends[0]);
        Fd theirs(ends[1]);
        GYRE_TRY_ASSIGN(pid_,
                        fork_supervisor({.words = {request_.injob_path, "supervise", "--fd", "3", "--place", box_},
                                         .environment = environment(),
                                         .cgroup = &limits_.group().entrances(),
                                         .socket = theirs.get()}));
        theirs.reset();
        process_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
        if (!process_) return errno_error("watching the job's supervisor");
        things_.process = pid_;
        things_.process_started = process_start_time(pid_);
        GYRE_TRY(record_->write(things_));
        GYRE_TRY_ASSIGN(supervisor_, Supervisor::connect(std::move(ours), patience));
        return {};
    }

    BoxRequest request_;
    ExecutorSettings settings_;
    std::string box_;                       // all of the box's files
    const std::string user_ = user_name();  // a look into directories of users can take long
    SandboxThings things_;
    std::optional<SandboxRecord> record_;
    JobLimits limits_;
    std::unique_ptr<Supervisor> supervisor_;
    pid_t pid_ = 0;  // of the supervisor, until it was waited for
    Fd process_;
    Result<void> ended_;
    bool destroyed_ = false;
};

// The supervisor has seen its agent die and kills the job's processes: killed itself, it would leave them to the marks.
void wait_for_supervisor(const SandboxThings& things) {
    if (things.process <= 0) return;
    const Fd process(static_cast<int>(syscall(SYS_pidfd_open, things.process, 0)));
    if (!process || process_start_time(things.process) != things.process_started) return;
    if (has_ended(process, farewell_ms)) return;
    syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    (void)has_ended(process, farewell_ms);
}

Result<void> remove_plain(const SandboxThings& things) {
    wait_for_supervisor(things);
    GYRE_TRY(end_marked_processes(things.name));
    return remove_groups_and_files(things);
}

class PlainExecutor final : public Executor {
public:
    explicit PlainExecutor(ExecutorSettings settings) : settings_(std::move(settings)) {}

    std::string_view name() const override { return "plain"; }

    Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) override {
        auto box = std::make_unique<PlainBox>(request, settings_);
        if (auto made = box->make(); !made) {
            if (!box->destroy() && request.left_behind) request.left_behind();
            return made.error();
        }
        return std::unique_ptr<Box>(std::move(box));
    }

    Result<void> sweep(const std::function<bool(std::string_view name)>& alive) override {
        Result<void> swept;
        if (!settings_.work_directory.empty())
            swept = sweep_records(settings_.work_directory + "/plain", alive, remove_plain);
        sweep_cgroups();
        return swept;
    }

private:
    ExecutorSettings settings_;
};

}  // namespace

std::unique_ptr<Executor> make_plain(const ExecutorSettings& settings) {
    return std::make_unique<PlainExecutor>(settings);
}

Result<void> may_run_plain() {
    if (geteuid() != 0) return {};
    return unavailable(
        "--sandbox=none makes jobs plain processes of this agent's user, and that is root: run Gyre as an ordinary "
        "user, or choose --sandbox=host");
}

}  // namespace gyre::agent
