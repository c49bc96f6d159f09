#include "agent/executors/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>
#include <thread>

#include "agent/executors/job_limits.h"
#include "agent/executors/process_start.h"
#include "agent/executors/sandbox_host.h"
#include "agent/executors/sandbox_record.h"
#include "agent/executors/sandbox_seccomp.h"
#include "agent/executors/sandbox_stage.h"
#include "agent/executors/sandbox_tree.h"
#include "base/log.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{20};  // until the supervisor greets
constexpr std::chrono::seconds farewell{5};   // until everything inside is dead
constexpr std::size_t longest_log = 2000;

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A pidfd of bubblewrap's one child; none where the kernel does not tell.
Fd only_child_of(pid_t process) {
    const std::string id = std::to_string(process);
    std::istringstream children(read_text("/proc/" + id + "/task/" + id + "/children"));
    pid_t child = 0;
    return children >> child ? Fd(static_cast<int>(syscall(SYS_pidfd_open, child, 0))) : Fd();
}

// Forks bubblewrap and waits for its end, all on one thread: the sandbox dies with the thread that made it.
class Keeper {
public:
    Result<Staged> start(const StagePlan& plan, const StageFds& fds) {
        std::promise<Result<Staged>> staged;
        auto answer = staged.get_future();
        thread_ = std::thread([this, &plan, &fds, promise = std::move(staged)]() mutable {
            auto result = stage(plan, fds);
            const pid_t pid = result ? result->process : 0;
            promise.set_value(std::move(result));
            int status = 0;
            while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
            }
            const std::lock_guard held(mutex_);
            ended_ = true;
            status_ = status;
            changed_.notify_all();
        });
        auto result = answer.get();
        if (result) process_ = result->process;
        return result;
    }
    // As waitpid() tells it; nothing when it still runs after `most`.
    std::optional<int> end_within(std::chrono::milliseconds most) {
        std::unique_lock held(mutex_);
        const bool over = changed_.wait_for(held, most, [&] { return ended_; });
        return over ? std::optional(status_) : std::nullopt;
    }
    void finish() {
        if (!thread_.joinable()) return;
        {
            std::unique_lock held(mutex_);
            const auto over = [&] { return ended_; };
            if (!changed_.wait_for(held, farewell, over) && process_ > 0) kill(process_, SIGKILL);
        }
        thread_.join();
    }

private:
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    pid_t process_ = 0;
    bool ended_ = false;
    int status_ = 0;
};

bool is_closed_over_there(const Fd& socket) {
    pollfd one{socket.get(), 0, 0};
    return poll(&one, 1, 0) == 1;
}

class SandboxBox final : public Box {
public:
    SandboxBox(const BoxRequest& request, const ExecutorSettings& settings)
        : request_(request), settings_(settings), box_(request.directory + "/sandbox") {
        plan_.as_root = geteuid() == 0;
        plan_.injob = request.injob_path;
        plan_.start_directory = job_home;
    }
    ~SandboxBox() override { (void)destroy(); }
    SandboxBox(const SandboxBox&) = delete;
    SandboxBox& operator=(const SandboxBox&) = delete;

    Result<void> make(const std::string& bubblewrap) {
        plan_.bubblewrap = bubblewrap;
        GYRE_TRY(take_identity());
        GYRE_TRY(open_record());
        GYRE_TRY(make_files());
        plan_environment();
        make_cgroup();
        GYRE_TRY(look_at_gpus());
        plan_views();
        return launch();
    }

    Supervisor& supervisor() override { return *supervisor_; }

    std::string trouble() override {
        if (auto met = limits_.trouble(); !met.empty()) return met;
        if (!supervisor_) return "";
        const auto patience_now = is_closed_over_there(connection_) ? farewell : std::chrono::seconds(0);
        const auto end = keeper_.end_within(patience_now);
        return end ? "the sandbox " + described_end(*end) + log_tail() : "";
    }

    void forget_trouble() override { limits_.forget_trouble(); }
    UsageMeter usage_meter() const override { return limits_.usage_meter(); }
    std::unique_ptr<DiskMeter> disk_meter() const override { return make_tree_meter(box_); }

    Result<void> stop() override {
        supervisor_.reset();  // the supervisor sees the socket close, kills everything and exits
        connection_.reset();
        socket_.reset();
        // Bubblewrap itself takes some milliseconds more, for the mounts.
        pollfd end{first_inside_.get(), POLLIN, 0};
        const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(farewell).count();
        if (!first_inside_ || poll(&end, 1, static_cast<int>(most)) != 1) keeper_.finish();
        return {};
    }

    Result<void> destroy() override {
        if (destroyed_) return {};
        destroyed_ = true;
        (void)stop();
        keeper_.finish();
        limits_.group().remove();
        auto removed = remove_tree(box_);
        if (!removed) log::warn("sandbox", "{}", removed.error().message);
        if (record_ && removed) record_->remove();
        lease_.reset();
        return removed;
    }

private:
    Result<void> take_identity() {
        plan_.uid = geteuid();
        plan_.gid = getegid();
        if (!plan_.as_root) return {};
        GYRE_TRY_ASSIGN(UidLease lease, UidLease::take(settings_.first_sandbox_uid));
        plan_.uid = lease.uid();
        plan_.gid = lease.uid();
        lease_.emplace(std::move(lease));
        return {};
    }

    Result<void> open_record() {
        things_.name = request_.name;
        things_.directory = box_;
        const std::string root = settings_.work_directory.empty() ? request_.directory : settings_.work_directory;
        GYRE_TRY_ASSIGN(auto record, SandboxRecord::open(root + "/sandboxes", request_.name));
        record_.emplace(std::move(record));
        return record_->write(things_);
    }

    std::string in_box(const std::string& name) const { return box_ + name; }

    Result<void> make_directory(const std::string& name, mode_t mode, bool of_the_job) {
        const std::string path = in_box(name);
        if (mkdir(path.c_str(), mode) != 0 || chmod(path.c_str(), mode) != 0) return errno_error("making " + path);
        if (of_the_job && plan_.as_root && chown(path.c_str(), plan_.uid, plan_.gid) != 0)
            return errno_error("giving " + path + " to the job");
        return {};
    }

    Result<void> make_files() {
        GYRE_TRY(remove_tree(box_));
        GYRE_TRY(make_directory("", 0711, false));
        GYRE_TRY(make_directory("/home", 0755, true));
        GYRE_TRY(make_directory("/tmp", 01777, true));
        GYRE_TRY(make_directory("/var-tmp", 01777, true));
        if (access(plan_.injob.c_str(), R_OK | X_OK) != 0)
            return errno_error("finding the in-job program " + plan_.injob);
        return {};
    }

    // Nothing of the job's own: bubblewrap starts outside the sandbox, where LD_PRELOAD would be obeyed. Every step
    // gets its whole environment with its spawn request.
    void plan_environment() {
        plan_.environment = {std::string("PATH=") + wire::injob_directory +
                                 ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                             std::string("HOME=") + job_home, std::string("USER=") + job_user,
                             std::string("LOGNAME=") + job_user};
        // not LANG: that makes every program read a dozen locale files when it starts, and this one is what matters
        plan_.environment.push_back("LC_CTYPE=C.UTF-8");
        for (const auto& [name, value] : edits_of(request_.gpus).environment)
            plan_.environment.push_back(std::string(name).append("=").append(value));
    }

    // What users keep where nobody else should look, and the server's own directories.
    std::vector<std::string> hidden_directories() const {
        std::vector<std::string> hidden = settings_.hidden;
        hidden.push_back(settings_.work_directory);
        if (!plan_.as_root) {
            const char* home = std::getenv("HOME");
            if (home != nullptr) hidden.emplace_back(home);
            if (const passwd* entry = getpwuid(geteuid())) hidden.emplace_back(entry->pw_dir);
        }
        // below these everything is covered anyway
        std::erase_if(hidden, [](const std::string& path) {
            const auto below = [&](const std::string& top) { return path == top || path.starts_with(top + "/"); };
            return !path.starts_with('/') || path == "/" || access(path.c_str(), F_OK) != 0 || below("/home") ||
                   below("/root") || below("/tmp") || below("/run") || below("/var/tmp") || below("/proc") ||
                   below("/sys") || below("/dev");
        });
        return hidden;
    }

    // The job's user is of no group of this machine.
    Result<void> look_at_gpus() const {
        constexpr unsigned of_others = 06;
        for (const auto& node : edits_of(request_.gpus).nodes) {
            GYRE_TRY_ASSIGN(const HostDevice device, find_device(node.host_path));
            if (plan_.as_root && (device.mode & of_others) != of_others && request_.say)
                request_.say("NOTICE: " + node.host_path +
                             " is not open to every user of this machine, and so not to this job.");
        }
        return {};
    }

    void plan_views() {
        using Kind = View::Kind;
        auto& views = plan_.views;
        views.push_back({Kind::fresh, "/sys", ""});
        views.push_back({Kind::read_only, "/sys/devices/system", "/sys/devices/system"});
        for (const auto& [from, to] : limits_.group().views()) views.push_back({Kind::read_only, to, from});
        views.push_back({Kind::fresh, "/run", ""});
        std::error_code unknown;
        const std::string resolver = fs::canonical("/etc/resolv.conf", unknown).string();
        if (!unknown && resolver.starts_with("/run/")) views.push_back({Kind::read_only, resolver, resolver});
        if (access("/root", F_OK) == 0) views.push_back({Kind::fresh, "/root", ""});
        views.push_back({Kind::fresh, "/home", ""});
        for (const auto& directory : hidden_directories()) views.push_back({Kind::fresh, directory, ""});
        views.push_back({Kind::writable, job_home, in_box("/home")});
        views.push_back({Kind::writable, "/tmp", in_box("/tmp")});
        if (access("/var/tmp", F_OK) == 0) views.push_back({Kind::writable, "/var/tmp", in_box("/var-tmp")});
        views.push_back({Kind::text, "/etc/passwd", passwd_inside(read_text("/etc/passwd"), plan_.uid, plan_.gid)});
        views.push_back({Kind::text, "/etc/group", group_inside(read_text("/etc/group"), plan_.gid)});
        for (const auto& node : edits_of(request_.gpus).nodes)
            views.push_back({Kind::device, node.path, node.host_path});
        if (plan_.as_root) plan_.system_mounts = system_mounts(read_text("/proc/self/mountinfo"));
    }

    void make_cgroup() {
        limits_.set(request_.name, request_.assignment->resources);
        plan_.most_processes = limits_.most_processes();
        things_.cgroups = limits_.group().directories();
    }

    Result<void> launch() {
        GYRE_TRY(record_->write(things_));

        GYRE_TRY_ASSIGN(const Fd filter, compile_seccomp_filter());
        log_ = Fd(memfd_create("gyre-bwrap-log", MFD_CLOEXEC));
        std::array<int, 2> ends{};
        if (!log_ || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
            return errno_error("making a socket");
        socket_ = Fd(ends[0]);
        Fd theirs(ends[1]);
        const auto staged =
            keeper_.start(plan_, {theirs.get(), filter.get(), log_.get(), &limits_.group().entrances()});
        theirs.reset();
        if (!staged) return staged.error();
        things_.process = staged->process;
        things_.process_started = process_start_time(staged->process);
        GYRE_TRY(record_->write(things_));

        if (is_cancelled_before_greeting()) return unavailable("the job was stopped");
        connection_ = Fd(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3));
        if (!connection_) return errno_error("keeping the sandbox's socket");
        auto connected = Supervisor::connect(std::move(socket_), patience);
        if (!connected) {
            connection_.reset();  // the supervisor ends when it sees nobody there
            return explain(connected.error());
        }
        supervisor_ = std::move(*connected);
        first_inside_ = only_child_of(staged->process);
        tell(*staged);
        return {};
    }

    bool is_cancelled_before_greeting() const {
        if (request_.cancel < 0) return false;
        std::array<pollfd, 2> waits{{{socket_.get(), POLLIN, 0}, {request_.cancel, POLLIN, 0}}};
        const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
        return poll(waits.data(), waits.size(), static_cast<int>(most)) > 0 && waits[1].revents != 0;
    }

    Error explain(const Error& error) {
        const std::string advice = user_namespace_advice();
        return unavailable("the sandbox did not start" + log_tail() +
                           (advice.empty() ? " (" + error.message + ")" : "; " + advice));
    }

    std::string log_tail() {
        std::string text(longest_log, '\0');
        const auto got = log_ ? pread(log_.get(), text.data(), text.size(), 0) : 0;
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        while (text.ends_with('\n')) text.pop_back();
        return text.empty() ? "" : ": " + text;
    }

    void tell(const Staged& staged) {
        const auto say = [&](const std::string& line) {
            if (request_.say) request_.say(line);
        };
        if (const auto* docker = std::get_if<DockerExecutor>(&request_.assignment->job.executor)) {
            for (std::size_t i = 0; i < docker->containers.size(); ++i) {
                say((i == 0 ? "The image " : "The service container ") + docker->containers[i].image +
                    (i == 0 ? " is not used." : " is not started."));
            }
        }
        say(std::string("Sandbox on the file system of this host: user ") + job_user + " (" +
            std::to_string(plan_.uid) + "), not root, no sudo; the network is the host's.");
        if (staged.root == StageRoot::read_only)
            say("The host's files are read-only; home, /tmp and /var/tmp are writable and private to this job.");
        if (const auto text = limits_.not_limited(staged.unlimited); !text.empty()) say(text);
    }

    BoxRequest request_;
    ExecutorSettings settings_;
    std::string box_;  // all of the box's files
    StagePlan plan_;
    SandboxThings things_;
    std::optional<UidLease> lease_;
    std::optional<SandboxRecord> record_;
    JobLimits limits_;
    Fd socket_;
    Fd connection_;  // the supervisor's socket once more, to see its end
    Fd log_;
    Fd first_inside_;  // a pidfd; its end is the end of all processes of its namespace
    Keeper keeper_;
    std::unique_ptr<Supervisor> supervisor_;
    bool destroyed_ = false;
};

class SandboxExecutor final : public Executor {
public:
    SandboxExecutor(std::string bubblewrap, ExecutorSettings settings)
        : bubblewrap_(std::move(bubblewrap)), settings_(std::move(settings)) {}

    std::string_view name() const override { return "sandbox"; }

    Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) override {
        auto box = std::make_unique<SandboxBox>(request, settings_);
        if (auto made = box->make(bubblewrap_); !made) {
            if (!box->destroy() && request.left_behind) request.left_behind();
            return made.error();
        }
        return std::unique_ptr<Box>(std::move(box));
    }

    Result<void> sweep(const std::function<bool(std::string_view name)>& alive) override {
        Result<void> swept;
        if (!settings_.work_directory.empty()) swept = sweep_sandboxes(settings_.work_directory + "/sandboxes", alive);
        sweep_cgroups();
        return swept;
    }

private:
    std::string bubblewrap_;
    ExecutorSettings settings_;
};

}  // namespace

Result<std::unique_ptr<Executor>> make_sandbox(const ExecutorSettings& settings) {
    GYRE_TRY_ASSIGN(std::string bubblewrap, find_bubblewrap());
    if (user_namespace_advice().find("max_user_namespaces") != std::string::npos)
        return unavailable(user_namespace_advice());
    return std::unique_ptr<Executor>(std::make_unique<SandboxExecutor>(std::move(bubblewrap), settings));
}

}  // namespace gyre::agent
