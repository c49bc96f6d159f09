#include "support/engines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "agent/executors/docker_image.h"
#include "agent/executors/engine_client.h"
#include "base/http_client.h"
#include "base/process.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* busybox = "/bin/busybox";
constexpr int registry_port = 5000;  // of the private network

Result<std::string> output_of(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    GYRE_TRY_ASSIGN(Finished finished, run(command));
    if (finished.exit_code != 0) return unavailable(command.argv[0] + " failed: " + finished.err);
    return std::move(finished.out);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

bool is_installed(const std::string& program) {
    std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
    for (std::string folder; std::getline(path, folder, ':');) {
        if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
    }
    return false;
}

Fd make_network() {
    Fd made;
    std::thread([&] {
        if (::unshare(CLONE_NEWNET) != 0) return;
        const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ifreq loopback{};
        loopback.ifr_name[0] = 'l';
        loopback.ifr_name[1] = 'o';
        loopback.ifr_flags = IFF_UP | IFF_RUNNING;
        if (::ioctl(socket.get(), SIOCSIFFLAGS, &loopback) != 0) return;
        made = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    }).join();
    return made;
}

// What may be called between fork and exec only.
[[noreturn]] void become(int network, int output, const char* const* argv) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::setns(network, CLONE_NEWNET) == 0) {
        ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
        ::dup2(output, STDOUT_FILENO);
        ::dup2(output, STDERR_FILENO);
        ::execvp(argv[0], const_cast<char* const*>(argv));
    }
    ::_exit(127);
}

// The engine's own files, and nothing of the machine's, under /run and the like.
std::string prelude(const std::vector<std::string>& private_folders) {
    std::string script = "set -e\n";
    for (const auto& folder : private_folders) {
        script += fmt::format("mkdir -p {0}; mount -t tmpfs tmpfs {0}\n", folder);
    }
    return script;
}

Result<std::unique_ptr<RunningEngine>> start_engine(const PrivateNetwork& network, const std::string& directory,
                                                    const std::string& script) {
    const std::string socket = directory + "/engine.sock";
    GYRE_TRY_ASSIGN(auto daemon, Daemon::start(network, script, directory + "/log"));
    agent::EngineSettings settings;
    settings.socket = socket;
    for (const auto deadline = std::chrono::steady_clock::now() + 60s;;) {
        auto client = agent::EngineClient::connect(settings);
        if (client) return std::make_unique<RunningEngine>(socket, std::move(daemon));
        if (daemon->ended() || std::chrono::steady_clock::now() > deadline) {
            const std::string log = read_file(directory + "/log");
            return unavailable("the engine does not start: " +
                               log.substr(log.size() - std::min<std::size_t>(log.size(), 2000)));
        }
        std::this_thread::sleep_for(20ms);
    }
}

Result<http::Response> call(const RunningEngine& engine, http::Request request) {
    http::Client client(http::Endpoint{engine.socket(), {}, {}});
    GYRE_TRY_ASSIGN(http::Response response, client.send(request));
    if (!response.ok() || response.body.find("\"error\"") != std::string::npos) {
        return unavailable(request.target + ": " + response.body);
    }
    return response;
}

Result<std::string> busybox_archive(const std::string& directory) {
    GYRE_TRY_ASSIGN(const std::string root, busybox_root(directory));
    return output_of({"tar", "-C", root, "-c", "."});
}

}  // namespace

std::string engines_need() {
    if (::geteuid() != 0) return "needs root: an engine of its own makes namespaces and mounts";
    for (const char* program : {"dockerd", "podman", "docker-registry", "htpasswd", "runc", "unshare", "iptables"}) {
        if (!is_installed(program)) return std::string("needs ") + program + ": see tools/packages.txt, group test";
    }
    if (!fs::exists(busybox) || output_of({"ldd", busybox})) {  // ldd refuses programs that load no libraries
        return "needs a static /bin/busybox: install busybox-static";
    }
    if (!make_network()) return "needs network namespaces: this kernel or container does not allow them";
    return {};
}

PrivateDirectory::PrivateDirectory() {
    std::string pattern = (fs::temp_directory_path() / "gyre-engines-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory can be made");
    path_ = pattern;
}

PrivateDirectory::~PrivateDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string PrivateDirectory::make(const std::string& name) const {
    fs::create_directories(fs::path(path_) / name);
    return path_ + "/" + name;
}

PrivateNetwork::PrivateNetwork() : namespace_(make_network()) {
    if (!namespace_) throw std::runtime_error("no network namespace can be made");
}

bool PrivateNetwork::answers(int port) const {
    bool answered = false;
    std::thread([&] {
        if (::setns(namespace_.get(), CLONE_NEWNET) != 0) return;
        const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        answered = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }).join();
    return answered;
}

Result<std::unique_ptr<Daemon>> Daemon::start(const PrivateNetwork& network, const std::string& script,
                                              const std::string& log) {
    const Fd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!output) return errno_error("opening " + log);
    const char* argv[] = {"unshare",      "--mount", "--pid", "--fork",       "--kill-child",
                          "--mount-proc", "sh",      "-c",    script.c_str(), nullptr};
    const int process = ::fork();
    if (process < 0) return errno_error("starting a daemon");
    if (process == 0) become(network.descriptor(), output.get(), argv);
    return std::unique_ptr<Daemon>(new Daemon(process));
}

bool Daemon::ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

Daemon::~Daemon() {
    // The first process of the namespace takes all others with it; `unshare` then ends when the last of them is gone.
    std::istringstream children(
        read_file("/proc/" + std::to_string(process_) + "/task/" + std::to_string(process_) + "/children"));
    if (int child = 0; children >> child)
        ::kill(child, SIGKILL);
    else
        ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

RunningEngine::~RunningEngine() {
    agent::EngineSettings settings;
    settings.socket = socket_;
    auto client = agent::EngineClient::connect(settings);
    if (!client) return;
    // Containers whose network others use go last; a second round catches those.
    for (int round = 0; round < 2; ++round) {
        auto containers = client->list("gyre.box");
        if (!containers) return;
        for (const auto& one : *containers) (void)client->remove(one.id);
    }
}

Result<std::unique_ptr<RunningEngine>> start_dockerd(const PrivateNetwork& network, const std::string& directory) {
    write_file(directory + "/daemon.json", "{}");
    return start_engine(network, directory,
                        prelude({"/run"}) + "exec dockerd --config-file " + directory + "/daemon.json -H unix://" +
                            directory + "/engine.sock --data-root " + directory + "/data --exec-root " + directory +
                            "/exec --pidfile " + directory + "/pid --insecure-registry 127.0.0.0/8");
}

Result<std::unique_ptr<RunningEngine>> start_podman(const PrivateNetwork& network, const std::string& directory) {
    write_file(directory + "/registries.conf", "[[registry]]\nlocation = \"127.0.0.1\"\ninsecure = true\n");
    return start_engine(
        network, directory,
        prelude({"/run", "/dev/shm", "/var/lib/cni"}) + "mkdir -p " + directory +
            "/tmp\nexport CONTAINERS_REGISTRIES_CONF=" + directory + "/registries.conf\nexec podman --root " +
            directory + "/root --runroot " + directory + "/run --tmpdir " + directory +
            "/tmp --runtime runc --cgroup-manager cgroupfs system service -t 0 unix://" + directory + "/engine.sock");
}

Result<std::unique_ptr<PrivateEngine>> start_private_engine(const std::string& name) {
    auto engine = std::make_unique<PrivateEngine>();
    const auto start = name == "docker" ? start_dockerd : start_podman;
    GYRE_TRY_ASSIGN(engine->running, start(engine->network, engine->files.make("engine")));
    return engine;
}

Result<RunningRegistry> start_registry(const PrivateNetwork& network, const std::string& directory) {
    RunningRegistry registry;
    registry.address = "127.0.0.1:" + std::to_string(registry_port);
    registry.username = "bob";
    registry.password = "s3cret";
    GYRE_TRY_ASSIGN(const std::string hashed, output_of({"htpasswd", "-Bbn", registry.username, registry.password}));
    write_file(directory + "/htpasswd", hashed);
    write_file(directory + "/config.yml",
               "version: 0.1\nstorage: {filesystem: {rootdirectory: " + directory + "/data}}\nhttp: {addr: \"" +
                   registry.address + "\"}\nauth: {htpasswd: {realm: test, path: " + directory + "/htpasswd}}\n");
    GYRE_TRY_ASSIGN(registry.daemon, Daemon::start(network, "exec docker-registry serve " + directory + "/config.yml",
                                                   directory + "/log"));
    for (const auto deadline = std::chrono::steady_clock::now() + 30s; !network.answers(registry_port);) {
        if (registry.daemon->ended() || std::chrono::steady_clock::now() > deadline) {
            return unavailable("the registry does not start: " + read_file(directory + "/log"));
        }
        std::this_thread::sleep_for(20ms);
    }
    return registry;
}

Result<std::string> busybox_root(const std::string& directory) {
    const fs::path root = fs::path(directory) / "busybox";
    if (!fs::exists(root)) {
        for (const char* folder : {"bin", "etc", "tmp", "root", "home/ci"}) fs::create_directories(root / folder);
        fs::copy_file(busybox, root / "bin/busybox");
        GYRE_TRY_ASSIGN(const std::string applets, output_of({busybox, "--list"}));
        std::istringstream names(applets);
        for (std::string name; names >> name;) {
            if (name != "busybox") fs::create_symlink("busybox", root / "bin" / name);
        }
        write_file(root / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nci:x:1000:1000:ci:/home/ci:/bin/sh\n");
        write_file(root / "etc/group", "root:x:0:\nci:x:1000:\n");
        fs::permissions(root / "tmp", fs::perms::all | fs::perms::sticky_bit);
        if (::chown((root / "home/ci").c_str(), 1000, 1000) != 0) return errno_error("giving a home to ci");
    }
    return root.string();
}

Result<void> import_busybox(const RunningEngine& engine, const std::string& directory, const std::string& name,
                            const std::string& tag, const std::vector<std::string>& changes) {
    http::Request request;
    request.method = "POST";
    GYRE_TRY_ASSIGN(request.text, busybox_archive(directory));
    request.headers.push_back({"Content-Type", "application/x-tar"});
    // podman knows no `tag` here, and docker wants a tag apart from its name: podman's later `repo` does not hurt
    // docker.
    request.target = "/images/create?fromSrc=-&repo=" + http::url_encode(name + ":" + tag);
    for (const auto& change : changes) request.target += "&changes=" + http::url_encode(change);
    GYRE_TRY(call(engine, std::move(request)));
    return {};
}

Result<void> publish(const RunningEngine& engine, const RunningRegistry& registry, const std::string& name,
                     const std::string& tag) {
    const std::string target = registry.address + "/" + name;
    http::Request tagging;
    tagging.method = "POST";
    tagging.target = "/images/" + name + ":" + tag + "/tag?repo=" + http::url_encode(target) + "&tag=" + tag;
    GYRE_TRY(call(engine, tagging));
    http::Request push;
    push.method = "POST";
    push.target = "/images/" + target + "/push?tag=" + tag;
    push.headers.push_back(
        {"X-Registry-Auth", agent::registry_auth(registry.address, registry.username, registry.password)});
    GYRE_TRY(call(engine, push));
    http::Request forget;
    forget.method = "DELETE";
    forget.target = "/images/" + target + ":" + tag;
    GYRE_TRY(call(engine, forget));
    return {};
}

}  // namespace gyre::test
