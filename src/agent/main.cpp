// gyre-agent: waits for one attempt, carries it out, and exits. Or, for a server on the same machine, stands ready to
// be copied: each copy does that.

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "agent/attempt.h"
#include "agent/attempt_directory.h"
#include "agent/claim.h"
#include "agent/dismissal.h"
#include "agent/executors/ready_container.h"
#include "agent/leash.h"
#include "agent/own_limits.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/nursery.h"

namespace gyre::agent {
namespace {

struct Flags {
    std::string server;
    std::string client;
    std::string work;
    std::string injob;
    std::string sandbox = "off";
    std::string docker_socket;
    std::string remote_docker = "none";
    std::vector<std::string> hidden;
    int ends_with = 0;  // a process; 0: none
    int key_fd = -1;
    int nursery_fd = -1;
    int wait_ms = 20'000;
    bool ready_container = false;
    std::int64_t image_budget_mb = 20'000;
    std::int64_t job_disk_mb = 0;
    std::int64_t disk_floor_mb = 0;
    std::string cdi_directories;
};

std::string beside_this_program(const char* name) {
    std::error_code failed;
    return (std::filesystem::read_symlink("/proc/self/exe", failed).parent_path() / name).string();
}

std::string host_name() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    return name;
}

std::string read_key(int number) {
    const Fd fd(number);
    std::string key(4096, '\0');
    std::size_t size = 0;
    while (size < key.size()) {
        const auto got = ::read(fd.get(), key.data() + size, key.size() - size);
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    key.resize(size);
    while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
    return key;
}

// It never stands in arguments or the environment, where others could read it.
std::string launch_key(const Flags& flags, const ExecutorSettings& executors, char** argv) {
    if (flags.nursery_fd < 0) return flags.key_fd >= 0 ? read_key(flags.key_fd) : std::string{};
    ::prctl(PR_SET_NAME, "gyre-nursery");  // for those who look at processes
    warm_up(executors);
    std::string key = be_copied(flags.nursery_fd, argv);
    ::prctl(PR_SET_NAME, "gyre-agent");
    return key;
}

void sweep(const std::string& work, const ExecutorSettings& executors) {
    // An executor that fails is not asked for every directory: each failure may take seconds.
    std::map<std::string, Error, std::less<>> failed;
    sweep_attempts(work, [&](std::string_view executor, std::string_view dead) -> Result<void> {
        if (const auto found = failed.find(executor); found != failed.end()) return found->second;
        const auto alive = [&](std::string_view name) { return name != dead && attempt_is_alive(work, name); };
        auto chosen = executor_named(executor, executors);
        auto swept = chosen ? (*chosen)->sweep(alive) : chosen.error();
        if (!swept) failed.emplace(executor, swept.error());
        return swept;
    });
}

int run(const Flags& flags, char** argv) {
    const auto server = http::parse_endpoint(flags.server);
    if (!server) {
        log::error("agent", "{}", server.error().message);
        return 2;
    }
    std::error_code failed;
    const std::string work = std::filesystem::absolute(flags.work, failed).string();
    const ExecutorSettings executors{.docker_socket = flags.docker_socket,
                                     .allow_host_sandbox = flags.sandbox == "host",
                                     .allow_plain = flags.sandbox == "none",
                                     .work_directory = work,
                                     .image_budget = flags.image_budget_mb << 20,
                                     .hidden = flags.hidden};
    Fd leash;
    if (flags.ends_with > 0) {
        auto held = hold_leash(flags.ends_with);
        if (!held && held.error().fault == Fault::conflict) return 0;
        if (held) leash = std::move(*held);
        if (!held) log::warn("agent", "{}", held.error().message);
    }
    const std::string key = launch_key(flags, executors, argv);
    sweep(work, executors);
    std::optional<Dismissal> dismissal(std::in_place, leash.get());
    const auto ready = flags.ready_container ? begin_ready_container(executors, flags.injob) : nullptr;
    const auto assignment = claim({.server = *server,
                                   .launch_key = key,
                                   .client = flags.client,
                                   .wait_ms = flags.wait_ms,
                                   .leash = dismissal->event()});
    if (!assignment) return 0;
    const bool was_told = dismissal->was_told();
    dismissal.reset();
    if (was_told) std::raise(SIGTERM);  // between the answer and now
    const auto choose = [&](const ExecutorSpec& wanted) { return choose_executor(wanted, executors); };
    carry_out_attempt(*assignment, {.server = *server,
                                    .work = work,
                                    .injob_path = flags.injob,
                                    .choose = choose,
                                    .ready = ready.get(),
                                    .leash = leash.get(),
                                    .disk_limits = {flags.job_disk_mb << 20, flags.disk_floor_mb << 20},
                                    .engines_allowed = flags.remote_docker == "host-daemon",
                                    .cdi_directories = flags.cdi_directories});
    return 0;
}

}  // namespace
}  // namespace gyre::agent

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    gyre::agent::set_own_limits();
    gyre::agent::Flags flags;
    flags.client = gyre::agent::host_name();
    flags.injob = gyre::agent::beside_this_program("gyre-injob");
    CLI::App app("Carries out one attempt of a Gyre job on this machine. Started by the server, or by a cluster.");
    app.add_option("--server", flags.server, "where the server listens for agents: unix:/path or http://host:port")
        ->required();
    app.add_option("--work-dir", flags.work, "directory for this machine's attempts and source mirrors")->required();
    app.add_option("--client", flags.client, "name of this machine")->capture_default_str();
    app.add_option("--injob", flags.injob, "the helper that is placed into jobs")->capture_default_str();
    app.add_option("--sandbox", flags.sandbox,
                   "host: run docker jobs on this machine's file system where there is no engine; none: as plain "
                   "processes of this user, without any isolation")
        ->check(CLI::IsMember({"host", "none", "off"}))
        ->capture_default_str();
    app.add_option("--hide", flags.hidden, "directories of this machine that no sandboxed job may see");
    app.add_option("--docker-socket", flags.docker_socket, "socket of the container engine");
    app.add_option(
           "--remote-docker", flags.remote_docker,
           "host-daemon: setup_remote_docker gives a job a Docker engine of its own on this machine, of which it "
           "is then root")
        ->check(CLI::IsMember({"none", "host-daemon"}))
        ->capture_default_str();
    app.add_option("--key-fd", flags.key_fd, "descriptor from which the launch key is read");
    app.add_option("--nursery-fd", flags.nursery_fd,
                   "descriptor through which a server asks for copies of this process");
    app.add_flag("--ready-container", flags.ready_container,
                 "keep a container of the engine ready while waiting for work, as most of the latest jobs wanted it");
    app.add_option("--job-disk-mb", flags.job_disk_mb, "what a job's files may take of the disk, in MB; 0: any amount")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40));
    app.add_option(
           "--disk-floor-mb", flags.disk_floor_mb,
           "with less than this left on the disk, in MB, a job ends that takes a tenth of the disk; 0: none does")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40));
    app.add_option("--cdi-directories", flags.cdi_directories,
                   "where this machine's GPUs are described, with colons between; empty: jobs get none");
    app.add_option("--image-budget-mb", flags.image_budget_mb,
                   "what images that agents fetched may take of this machine's disk, in MB; 0: any amount")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
        ->capture_default_str();
    app.add_option("--ends-with", flags.ends_with,
                   "process id of the parent: this agent and its job end with it, however it ends");
    app.add_option("--wait-ms", flags.wait_ms, "how long one question for work may wait")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const int code = gyre::agent::run(flags, argv);
    std::fflush(nullptr);
    std::_Exit(code);  // libraries that take themselves apart would only cost time
}
