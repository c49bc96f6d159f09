#include "agent/executors/oci_pod.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "agent/executors/process_start.h"
#include "base/argv.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::milliseconds farewell{5'000};
constexpr off_t longest_tail = 64 << 10;

// $1: the directory; $2: runtimes, in the order in which to try; $3: slirp4netns.
//
// crun refuses a machine with control groups of both versions, even where it is told to use none: the mount of version
// 2 is not there in this namespace, when version 1 is. The names of overlay's layers are relative, as their list knows
// no way to write a comma or a colon. Where the disk cannot hold its upper layer, memory does.
constexpr const char* script = R"sh(
box=$1 runtimes=$2 slirp=$3
cd "$box" || exit 1
umask 022
[ ! -e /sys/fs/cgroup/memory ] || [ ! -e /sys/fs/cgroup/unified ] || umount /sys/fs/cgroup/unified

lay() (
    cd "$1" && mount --bind "$2" image || exit
    overlay() { mount -t overlay -o nodev,lowerdir=image,upperdir=top/upper,workdir=top/work gyre rootfs; }
    mkdir top/upper top/work && chmod --reference=image top/upper && chown --reference=image top/upper || exit
    overlay 2>/dev/null && exit
    mount -t tmpfs -o mode=700 gyre top && mkdir top/upper top/work &&
        chmod --reference=image top/upper && chown --reference=image top/upper && overlay
)

# What jobs print without end shall not fill the disk.
bounded() { head -c 16777216 >> "$1"; cat > /dev/null; }

go() {
    for runtime in $runtimes; do
        echo "$runtime" > "$1/runtime"
        "$runtime" --root "$box/state" run --bundle "$box/$1" --pid-file "$box/$1/pid" "$1" < /dev/null
        code=$?
        [ ! -s "$1/pid" ] || break
        "$runtime" --root "$box/state" delete --force "$1" > /dev/null 2>&1
    done
    return $code
}

# Services join the network of the first.
share() {
    [ "$1" != gyre-primary ] && [ ! -e network-namespace ] || return 0
    : > network-namespace
    mount --bind "/proc/$(cat gyre-primary/pid)/ns/net" network-namespace
}

run() {
    share "$1" > "$1/log" 2>&1
    { { lay "$1" "$2" && go "$1"; echo $? > "$1/code"; } 2>&1 | bounded "$1/log"
      mv "$1/code" "$1/ended"; } < /dev/null &
}

# Not detached: nobody else would bury the process, and its container's namespace would not end.
enter() {
    { { "$(cat "$1/runtime")" --root "$box/state" exec --process "$box/$1/process.json" "$1"
        echo $? > "$1/left"; } 2>&1 | bounded "$1/log"
      mv "$1/left" "$1/entered"; } < /dev/null &
}

connect() {
    "$slirp" --configure --mtu=65520 --disable-host-loopback --enable-sandbox --enable-seccomp --ready-fd=3 "$(cat "$1/pid")" tap0 \
        3> network < /dev/null 2>&1 | bounded network.log &
}

while read -r word name rest; do
    case $word in
    run) run "$name" "$rest" ;;
    enter) enter "$name" ;;
    connect) connect "$name" ;;
    esac
done
)sh";

struct Spawned {
    pid_t process = 0;
    Fd commands;
};

// With no descriptor, no environment and no ignored signal of ours.
Result<Spawned> spawn(const std::vector<std::string>& argv, const std::string& log) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno_error("making a socket");
    Spawned made{0, Fd(ends[0])};
    const Fd theirs(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    const std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    const int failed = posix_spawnp(&made.process, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(),
                                    argv_of(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return unavailable("starting " + argv[0] + ": " + std::strerror(failed));
    return made;
}

// Its end: job's processes may print without end.
std::string tail_of(const std::string& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (!file || fstat(file.get(), &facts) != 0) return {};
    std::string text(static_cast<std::size_t>(std::min(facts.st_size, longest_tail)), '\0');
    const auto got = pread(file.get(), text.data(), text.size(), facts.st_size - static_cast<off_t>(text.size()));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace

Result<OciPod> OciPod::start(const std::string& directory, const OciTools& tools) {
    std::string runtimes;
    for (const auto& runtime : tools.runtimes) runtimes += (runtimes.empty() ? "" : " ") + runtime;
    const std::vector<std::string> argv{
        "unshare", "--mount", "--pid",    "--fork",  "--kill-child", "--mount-proc",   "sh",
        "-c",      script,    "gyre-pod", directory, runtimes,       tools.slirp4netns};
    GYRE_TRY_ASSIGN(Spawned made, spawn(argv, directory + "/log"));
    return OciPod(directory, made.process, std::move(made.commands));
}

OciPod::OciPod(OciPod&& other) noexcept
    : directory_(std::move(other.directory_)),
      process_(std::exchange(other.process_, 0)),
      commands_(std::move(other.commands_)) {}

void OciPod::command(const std::string& line) const {
    const std::string text = line + "\n";  // short: a socket takes it whole
    (void)!send(commands_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

void OciPod::run(const std::string& name, const std::string& root) { command("run " + name + " " + root); }
void OciPod::enter(const std::string& name) { command("enter " + name); }
void OciPod::connect_network(const std::string& name) { command("connect " + name); }

bool OciPod::has_ended() const { return process_ == 0 || ends_within(process_, {}); }
std::string OciPod::log() const { return last_lines_of(tail_of(directory_ + "/log"), 10); }

void OciPod::end() {
    commands_.reset();
    if (process_ == 0) return;
    if (!ends_within(process_, farewell)) kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
}

std::optional<int> OciPod::exit_code(const std::string& name) const {
    return exit_code_in(tail_of(directory_ + "/" + name + "/ended"));
}

std::optional<int> OciPod::entered(const std::string& name) const {
    return exit_code_in(tail_of(directory_ + "/" + name + "/entered"));
}

bool OciPod::runs(const std::string& name) const {
    return !tail_of(directory_ + "/" + name + "/pid").empty() && !exit_code(name);
}

bool OciPod::network_is_there() const { return !tail_of(directory_ + "/network").empty(); }

std::string OciPod::last_lines(const std::string& name, int lines) const {
    return last_lines_of(tail_of(directory_ + "/" + name + "/log"), lines);
}

std::optional<int> exit_code_in(const std::string& text) {
    int code = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (failed != std::errc{} || std::string_view(end, text.data() + text.size()) != "\n") return {};
    return code >= 0 && code <= 255 ? std::optional(code) : std::nullopt;
}

std::string last_lines_of(const std::string& text, int lines) {
    std::string_view rest = text;
    while (rest.ends_with('\n')) rest.remove_suffix(1);
    std::size_t at = rest.size();
    for (int i = 0; i < lines && at != std::string_view::npos && at > 0; ++i) at = rest.rfind('\n', at - 1);
    if (at == std::string_view::npos) at = 0;
    const auto kept = rest.substr(at);
    return std::string(kept.starts_with('\n') ? kept.substr(1) : kept);
}

}  // namespace gyre::agent
