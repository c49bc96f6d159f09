#include "apps/gyre/replay_shell.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "apps/gyre/text_file.h"
#include "base/argv.h"
#include "base/process.h"
#include "base/random.h"

namespace gyre::apps {
namespace {

const std::string login = "replay";
constexpr std::size_t most_of_a_key = 16 << 10;
constexpr std::string_view waiting_step = "Wait for SSH sessions";  // as the agent calls it

}  // namespace

ReplayShell::ReplayShell(Installation& installation, const std::string& directory, JobId job)
    : installation_(installation),
      folder_(std::filesystem::path(directory) / ("shell-" + random_uuid())),
      job_(std::move(job)) {}

ReplayShell::~ReplayShell() {
    std::error_code failed;
    std::filesystem::remove_all(folder_, failed);
}

Result<void> ReplayShell::ask(SshKeep keep) {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    const std::string file = folder_ / "key";
    const auto made = gyre::run({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", login, "-f", file}});
    if (!made || made->exit_code != 0)
        return unavailable("--shell needs ssh and ssh-keygen: install openssh-client" +
                           (made ? " (" + made->err + ")" : std::string()));
    GYRE_TRY_ASSIGN(const std::string text, read_text_file(file + ".pub", most_of_a_key));
    GYRE_TRY_ASSIGN(auto key, parse_ssh_key(text));
    const auto now = SystemClock().now();
    GYRE_TRY(installation_.ssh().add_key({.login = login, .key = std::move(key), .added_at = now}));
    GYRE_TRY(installation_.ssh().ask(job_, login, keep, now));
    asked_ = true;
    return {};
}

Result<bool> ReplayShell::job_waits() {
    GYRE_TRY_ASSIGN(const auto places, installation_.ssh().places(job_));
    if (places.empty()) return false;
    GYRE_TRY_ASSIGN(const auto steps, installation_.records().steps(places.back().attempt));
    return std::any_of(steps.begin(), steps.end(), [](const StepRecord& step) {
        return step.name == waiting_step && step.status == StepStatus::running;
    });
}

Result<void> ReplayShell::look() {
    if (!asked_) return {};
    GYRE_TRY_ASSIGN(const bool waits, job_waits());
    if (!waits) return {};
    asked_ = false;
    GYRE_TRY_ASSIGN(const auto places, installation_.ssh().places(job_));
    fmt::print("\na shell in the job's place; the job ends when you leave it\n");
    std::fflush(nullptr);
    const auto ran = run_ssh(places.back());
    // Whatever became of it: nobody comes any more.
    GYRE_TRY(installation_.ssh().ask(job_, login, SshKeep::no, SystemClock().now()));
    return ran;
}

// The host key is not looked at: the port is on this machine, and was opened by our own agent.
Result<void> ReplayShell::run_ssh(const SshPlace& place) const {
    const std::string file = folder_ / "key";
    std::vector<std::string> words{"ssh", "-q", "-F",  "/dev/null", "-i",
                                   file,  "-l", login, "-p",        std::to_string(place.port)};
    for (const char* option : {"IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null",
                               "GlobalKnownHostsFile=/dev/null"})
        words.insert(words.end(), {"-o", option});
    words.insert(words.end(), {isatty(STDIN_FILENO) == 1 ? "-t" : "-T", "--", "127.0.0.1"});
    pid_t process = -1;
    const auto argv = argv_of(words);
    const int failed = ::posix_spawnp(&process, "ssh", nullptr, nullptr, argv.data(), environ);
    if (failed != 0) return unavailable(std::string("ssh cannot be started: ") + std::strerror(failed));
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
    return {};
}

}  // namespace gyre::apps
