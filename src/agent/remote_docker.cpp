#include "agent/remote_docker.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "agent/executors/container_parts.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/kernel_files.h"
#include "agent/executors/process_start.h"
#include "agent/executors/small_files.h"
#include "base/argv.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/random.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{60};  // until it answers
constexpr std::chrono::seconds farewell{10};  // until all that was killed is gone
constexpr const char* groups_prefix = "gyre-docker-";
constexpr std::size_t quoted_bytes = 2000;
constexpr int first_free = 10;  // descriptors below are given to the engine
constexpr int network_fd = 5;   // behind those that it takes as from systemd
constexpr int owner_fd = 6;     // a socket whose other end its owner holds

// Runs in namespaces of its own. An owner that ends before it says "go on" is noticed by the end of its socket, a later
// end by the signal that is set by then. /run is covered, so that nothing of the machine's own engine is found there.
// Names are asked of the job's servers: the machine's own may listen at a loopback that is not the job's. The engine
// takes its sockets as it would from systemd.
constexpr const char* script = R"sh(
set -e
echo ready >&6
read -r go <&6
exec 5<&- 6>&-
names=$(readlink -f /etc/resolv.conf || true)
mount -t tmpfs tmpfs /run
case "$names" in
    /run/*) mkdir -p "${names%/*}"; cp "$1/resolv.conf" "$names" ;;
    *) [ ! -e "$names" ] || mount --bind "$1/resolv.conf" "$names" ;;
esac
echo '{}' > "$1/daemon.json"
export LISTEN_FDS=2 LISTEN_PID=$$
exec "$0" --config-file "$1/daemon.json" -H fd:// --data-root "$1/data" --exec-root /run/docker \
    --pidfile /run/docker.pid --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$2"
)sh";

std::string in_proc(pid_t process, const char* what) { return "/proc/" + std::to_string(process) + "/" + what; }
std::string path_of(const Fd& directory) { return "/proc/self/fd/" + std::to_string(directory.get()); }

bool is_ours(const Fd& network) {
    struct stat here {};
    struct stat there {};
    return ::stat("/proc/self/ns/net", &here) != 0 || ::fstat(network.get(), &there) != 0 ||
           here.st_ino == there.st_ino;
}

// What the engine is for, held: from here on no number of a process is trusted.
struct JobsPlace {
    Fd root;
    Fd network;
};

Result<JobsPlace> place_of(const RemoteDockerRequest& request) {
    if (::geteuid() != 0)
        return invalid("a Docker engine of a job needs an agent that runs as root, and this one does not");
    std::error_code failed;
    if (fs::weakly_canonical(request.directory, failed).string().starts_with("/run/"))
        return invalid("a Docker engine of a job needs a work directory of the agent that is not below /run");
    JobsPlace place;
    if (request.process > 0) {
        place.root = Fd(::open(in_proc(request.process, "root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        place.network = Fd(::open(in_proc(request.process, "ns/net").c_str(), O_RDONLY | O_CLOEXEC));
        if (!place.root || !place.network || process_start_time(request.process) != request.process_started)
            return unavailable("the job's environment is gone");
    }
    if (!place.network || is_ours(place.network))
        return invalid(
            "a Docker engine of a job needs an executor that gives the job a network of its own: run it in containers "
            "of Docker, Podman or `oci`, not in the sandbox or as plain processes");
    return place;
}

// A link in the job's files leads to the job's files.
Fd open_in(const Fd& root, const char* path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags | O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
}

Result<Fd> temporary_in(const Fd& root) {
    Fd directory = open_in(root, "/tmp", O_DIRECTORY);
    if (!directory)
        return invalid(std::string("the job has no directory /tmp for the socket: ") + std::strerror(errno));
    return directory;
}

// Whom the job asks for names. Nothing where it has no such file: a job may have put anything there.
std::string resolver_in(const Fd& root) {
    const Fd file = open_in(root, "/etc/resolv.conf", 0);
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    return read_start(AT_FDCWD, path_of(file)).value_or("");
}

// Of the socket itself: by its name a job could have us change the mode of what it put there meanwhile.
Result<void> let_all_connect(const Fd& directory, const std::string& name) {
    const Fd file(::openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISSOCK(facts.st_mode))
        return invalid("the job removed the engine's socket");
    if (::chmod(path_of(file).c_str(), 0666) != 0) return errno_error("opening the engine's socket to the job");
    return {};
}

Result<Fd> listen_in(const Fd& directory, const std::string& name) {
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = path_of(directory) + "/" + name;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.get(), SOMAXCONN) != 0)
        return errno_error("making the socket of a Docker engine");
    return Fd(::fcntl(socket.get(), F_DUPFD_CLOEXEC, first_free));
}

// One that goes with its parent, whose network is the process's, and that has its own mounts and PIDs.
std::vector<std::string> command_of(const RemoteDockerRequest& request, const std::string& groups) {
    return {"setpriv",         "--pdeathsig", "KILL",  "nsenter", "--net=/proc/self/fd/" + std::to_string(network_fd),
            "unshare",         "--mount",     "--pid", "--fork",  "--kill-child",
            "--mount-proc",    "sh",          "-c",    script,    request.dockerd,
            request.directory, groups};
}

struct Handed {
    Fd for_job;  // sockets that listen
    Fd for_us;
    Fd network;
    Fd owner;
};

// The engine's end, where it is handed over, and ours.
Result<Fd> bind_to_us(Handed& handed) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno_error("making sockets");
    Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    handed.owner = Fd(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, first_free));
    return ours;
}

// Once it is sure to end with us. Where it did not come so far, it ends by the end of the socket.
void let_go_on(const Fd& engine, int cancel) {
    std::array<pollfd, 2> waits{{{engine.get(), POLLIN, 0}, {cancel, POLLIN, 0}}};
    while (::poll(waits.data(), waits.size(), static_cast<int>(std::chrono::milliseconds(patience).count())) < 0 &&
           errno == EINTR) {
    }
    if (waits[0].revents != 0) (void)::send(engine.get(), "\n", 1, MSG_NOSIGNAL);
}

Result<pid_t> spawn(std::vector<std::string> argv, const Handed& handed, const std::string& log) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_adddup2(&actions, handed.for_job.get(), 3);
    posix_spawn_file_actions_adddup2(&actions, handed.for_us.get(), 4);
    posix_spawn_file_actions_adddup2(&actions, handed.network.get(), network_fd);
    posix_spawn_file_actions_adddup2(&actions, handed.owner.get(), owner_fd);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);  // the agent ignores it, which children would inherit
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    // Nothing of the agent's: it may hold what opens the server's objects.
    const std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    pid_t pid = 0;
    const int failed =
        ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(), argv_of(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return invalid("starting " + argv[0] + ": " + std::strerror(failed));
    return pid;
}

// The first process of the namespace takes all others with it; the one that we started ends when the last is gone. One
// that hangs in the kernel (a network file system, a driver) must not hold the job's end up: all of them are as good as
// dead, and their groups are swept by a later engine's start.
void end_all(pid_t process) {
    const std::string number = std::to_string(process);
    std::ifstream children("/proc/" + number + "/task/" + number + "/children");
    pid_t child = 0;
    ::kill(children >> child ? child : process, SIGKILL);
    if (!ends_within(process, farewell))
        return log::warn("agent", "processes of a job's Docker engine do not end: see those below process {}", process);
    ::waitpid(process, nullptr, WNOHANG);
}

// Empty groups: the kernel refuses to remove others.
void remove_groups(const fs::path& directory) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed))
        if (entry.is_directory(failed) && !entry.is_symlink(failed)) remove_groups(entry.path());
    ::rmdir(directory.c_str());
}

// "gyre-docker-<process>-<its start>-<random>": those of an agent that lives are its own to remove. Another's could go
// between the making of a container's group and its first process.
std::string groups_of_this_agent() {
    return groups_prefix + std::to_string(::getpid()) + "-" + std::to_string(process_start_time(::getpid())) + "-";
}

bool is_of_dead_agent(std::string_view group) {
    if (!group.starts_with(groups_prefix)) return false;
    group.remove_prefix(std::string_view(groups_prefix).size());
    const auto process_end = group.find('-');
    if (process_end == std::string_view::npos) return false;
    const auto start = group.substr(process_end + 1);
    const auto process = whole_number(group.substr(0, process_end));
    const auto started = whole_number(start.substr(0, start.find('-')));
    return process && started && process_start_time(*process) != *started;
}

void sweep_groups(const std::function<bool(std::string_view group)>& is_wanted) {
    std::error_code failed;
    const auto sweep = [&](const fs::path& hierarchy) {
        for (const auto& entry : fs::directory_iterator(hierarchy, failed))
            if (is_wanted(entry.path().filename().string())) remove_groups(entry.path());
    };
    sweep(cgroup_root);
    for (const auto& entry : fs::directory_iterator(cgroup_root, failed))
        if (entry.is_directory(failed) && !entry.is_symlink(failed)) sweep(entry.path());
}

std::string end_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return text.substr(text.size() - std::min(text.size(), quoted_bytes));
}

}  // namespace

Result<std::unique_ptr<RemoteDocker>> RemoteDocker::start(const RemoteDockerRequest& request) {
    GYRE_TRY_ASSIGN(JobsPlace place, place_of(request));
    sweep_groups(is_of_dead_agent);
    std::unique_ptr<RemoteDocker> engine(new RemoteDocker);
    const std::string id = random_token(8);
    const std::string name = "gyre-docker-" + id + ".sock";
    engine->groups_ = groups_of_this_agent() + id;
    engine->socket_ = "/tmp/" + name;
    const Fd own(::open(request.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!own) return errno_error("opening " + request.directory);
    GYRE_TRY_ASSIGN(const Fd inside, temporary_in(place.root));
    GYRE_TRY(write_text(request.directory + "/resolv.conf", resolver_in(place.root), 0644));
    Handed handed;
    GYRE_TRY_ASSIGN(const Fd bond, bind_to_us(handed));
    GYRE_TRY_ASSIGN(handed.for_job, listen_in(inside, name));
    GYRE_TRY(let_all_connect(inside, name));
    ::unlinkat(own.get(), "engine.sock", 0);  // of one that did not start
    GYRE_TRY_ASSIGN(handed.for_us, listen_in(own, "engine.sock"));
    handed.network = Fd(::fcntl(place.network.get(), F_DUPFD_CLOEXEC, first_free));
    const std::string log = request.directory + "/log";
    GYRE_TRY_ASSIGN(engine->process_, spawn(command_of(request, engine->groups_), handed, log));
    handed = {};  // so that whoever waits for an answer sees the end of the engine
    let_go_on(bond, request.cancel);
    EngineSettings settings;
    settings.socket = path_of(own) + "/engine.sock";
    settings.patience = patience;
    settings.cancel = request.cancel;
    auto client = EngineClient::connect(settings);
    if (client) {
        engine->version_ = client->facts().version;
        return engine;
    }
    return invalid("dockerd did not start on this machine (is docker.io installed there?): " + client.error().message +
                   quoted_output(end_of_file(log)));
}

RemoteDocker::~RemoteDocker() {
    if (process_ <= 0) return;
    end_all(process_);
    sweep_groups([this](std::string_view group) { return group == groups_; });
}

}  // namespace gyre::agent
