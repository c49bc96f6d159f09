#include "agent/source_mirror.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent/host_process.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/git_damage.h"
#include "model/host_keys.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

// Inherited by every git that we start (no O_CLOEXEC): one that outlives a killed agent keeps the lock until it ends.
Result<Fd> lock_file(const std::string& path, JobControl& control) {
    Fd lock(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    if (!lock) return errno_error("opening " + path);
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (!sleep_unless(control.stop_event(), std::chrono::milliseconds(20)))
            return unavailable("the job is stopping");
    }
    return lock;
}

std::string quoted_for_config(const std::string& value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

bool is_plain(const std::string& text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    }
    return true;
}

bool is_revision(const std::string& text) {
    return text.size() >= 7 && text.size() <= 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

constexpr std::string_view revision_suffix = "^{commit}";

std::string ref_of(const wire::Source& source) {
    return source.tag.empty() ? "refs/heads/" + source.branch : "refs/tags/" + source.tag;
}

// The number in the branch "pull/<number>", under which a pull request of a fork is built; else empty.
std::string pull_request_of(const std::string& branch) {
    constexpr std::string_view prefix = "pull/";
    const std::string number = branch.starts_with(prefix) ? branch.substr(prefix.size()) : "";
    return number.find_first_not_of("0123456789") == std::string::npos ? number : "";
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool is_ref_name(std::string_view name) {
    if (name.empty() || name.ends_with('.') || name.find("..") != name.npos || name.find("@{") != name.npos)
        return false;
    for (const char c : name) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
    }
    if (name.find_first_of("~^:?*[\\") != name.npos) return false;
    while (true) {
        const auto slash = name.find('/');
        const auto part = name.substr(0, slash);
        if (part.empty() || part.starts_with('.') || part.ends_with(".lock")) return false;
        if (slash == name.npos) return true;
        name.remove_prefix(slash + 1);
    }
}

// What a key opened is for the project that has it.
SourceMirror::SourceMirror(std::string directory, const wire::Source& source, JobControl& control,
                           std::optional<ShownKey> key)
    : directory_(std::move(directory)),
      source_(source),
      control_(control),
      access_(access_to(source.remote)),
      key_(std::move(key)),
      path_(directory_ + '/' +
            sha256_hex(key_ ? source.remote + '\n' + source.project_slug : source.remote).substr(0, 32) + ".git") {}

Result<void> SourceMirror::git(std::vector<std::string> arguments, const std::string& directory) {
    HostCommand command{
        .argv = {"git", "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c",
                 "advice.detachedHead=false"},
        .directory = directory,
        .environment = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "LC_ALL=C", "GIT_LFS_SKIP_SMUDGE=1"}};
    command.argv.insert(command.argv.end(), access_.config.begin(), access_.config.end());
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment.insert(command.environment.end(), access_.environment.begin(), access_.environment.end());
    GYRE_TRY_ASSIGN(const HostEnd end, run_on_host(command, control_));
    if (end.code == 0) return {};
    if (const auto refusal = refusal_in(end.err); key_file_ && !refusal.empty())
        return denied("the remote lets nobody in with the project's checkout key (" + std::string(refusal) +
                      "): give its public part to the forge ('gyre keys checkout list " + source_.project_slug +
                      "'), or prefer another");
    return unavailable("git " + arguments.front() + ": " +
                       (end.err.empty() ? "exit code " + std::to_string(end.code) : end.err));
}

// The file that names their host keys.
Result<std::string> SourceMirror::known_forges() {
    std::string file = directory_ + "/known_hosts";
    if (text_of(file) == host_keys_of_forges()) return file;
    const std::string draft = file + '.' + std::to_string(::getpid());
    std::ofstream(draft) << host_keys_of_forges();
    std::error_code failed;
    fs::rename(draft, file, failed);
    if (failed) return unavailable("writing " + file + ": " + failed.message());
    return file;
}

// Who has set up ssh for git has done so for a reason, and is left alone.
void SourceMirror::know_forges() {
    if (std::getenv("GIT_SSH_COMMAND") || std::getenv("GIT_SSH")) return;
    if (git({"config", "--get", "core.sshCommand"}, directory_)) return;
    const auto forges = known_forges();
    const std::string command = forges ? ssh_that_knows(*forges) : "";
    if (!command.empty()) access_.environment.push_back("GIT_SSH_COMMAND=" + command);
}

Result<void> SourceMirror::show_key() {
    GYRE_TRY_ASSIGN(const auto forges, known_forges());
    GYRE_TRY_ASSIGN(key_file_, FleetingFile::make(key_->directory, key_->private_key));
    GYRE_TRY_ASSIGN(const auto command, ssh_with_key({key_file_->path(), path_ + ".seen_hosts", forges}));
    access_.environment.push_back("GIT_SSH_COMMAND=" + command);
    return {};
}

std::string SourceMirror::seen_hosts() const { return key_ ? text_of(path_ + ".seen_hosts") : ""; }

Result<void> SourceMirror::make() {
    GYRE_TRY(git({"init", "--quiet", "--bare", "--template=", path_}, directory_));
    const Fd config(::open((path_ + "/config").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const std::string text = "[remote \"origin\"]\n\turl = " + quoted_for_config(access_.url) + '\n';
    if (!config || ::write(config.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return errno_error("writing " + path_ + "/config");
    }
    ::fchmod(config.get(), 0600);
    return {};
}

Result<bool> SourceMirror::has(const std::string& object) {
    const auto found = git({"cat-file", "-e", object + std::string(revision_suffix)}, path_);
    if (found) return true;
    if (control_.is_stopping() || tells_of_git_damage(found.error().message)) return found.error();
    return false;
}

// The revision, and the tag that it is built for: a branch may have brought the one without the other.
Result<bool> SourceMirror::is_here() {
    GYRE_TRY_ASSIGN(const bool revision, has(source_.revision));
    if (!revision || source_.tag.empty()) return revision;
    return has(ref_of(source_));
}

Result<void> SourceMirror::fetch() {
    GYRE_TRY_ASSIGN(const bool here, is_here());
    if (here) return {};
    // All branches, for a job may compare its own with another; then the revision alone, for servers that give it (a
    // branch that moved on and was rewritten); then all tags too.
    std::vector<std::string> refs{"--", "origin", "+refs/heads/*:refs/heads/*"};
    if (!source_.tag.empty()) refs.push_back("+" + ref_of(source_) + ":" + ref_of(source_));
    if (const std::string pull = pull_request_of(source_.branch); !pull.empty())
        refs.push_back("+refs/pull/" + pull + "/head:" + ref_of(source_));
    const std::vector<std::vector<std::string>> ways{
        refs,
        {"--", "origin", source_.revision},
        {"--prune", "--", "origin", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}};
    Result<void> last;
    for (const auto& way : ways) {
        std::vector<std::string> arguments{"fetch", "--quiet", "--no-write-fetch-head"};
        arguments.insert(arguments.end(), way.begin(), way.end());
        last = git(std::move(arguments), path_);
        if (control_.is_stopping() || (!last && tells_of_git_damage(last.error().message))) return last;
        GYRE_TRY_ASSIGN(const bool came, has(source_.revision));
        if (came) return {};
    }
    if (!last) return last;
    return not_found("the remote has no revision " + source_.revision);
}

// Not by `git checkout -B`, which refuses names that a remote may well have.
Result<void> SourceMirror::put_on_branch(const std::string& target) {
    std::ofstream head(target + "/.git/HEAD");
    head << "ref: " << ref_of(source_) << '\n';
    head.close();  // a reset would move another branch
    if (!head) return unavailable("cannot write " + target + "/.git/HEAD");
    GYRE_TRY(git({"reset", "--quiet", "--hard", source_.revision, "--"}, target));
    const std::string tracking = "refs/remotes/origin/" + source_.branch;
    if (text_of(target + "/.git/packed-refs").find(' ' + tracking + '\n') != std::string::npos) return {};
    // The revision was here by another name. An old branch may stand in the way of this one: then it stays away.
    (void)git({"update-ref", tracking, source_.revision}, target);
    return {};
}

Result<void> SourceMirror::clone_once(const std::string& target) {
    std::error_code failed;
    if (!fs::exists(path_ + "/HEAD", failed)) {
        fs::remove_all(path_, failed);
        GYRE_TRY(make());
    }
    GYRE_TRY(fetch());
    GYRE_TRY(
        git({"clone", "--quiet", "--local", "--no-checkout", "--template=", "-c", "gc.auto=0", "--", path_, target},
            directory_));
    GYRE_TRY(git({"remote", "set-url", "--", "origin", access_.url}, target));
    if (source_.tag.empty() && !source_.branch.empty()) return put_on_branch(target);
    return git({"checkout", "--quiet", "--detach", source_.revision, "--"}, target);
}

Result<void> SourceMirror::clone_to(const std::string& target) {
    if (!is_revision(source_.revision)) return invalid("'" + source_.revision + "' is no git revision");
    if (!is_plain(source_.remote) || source_.remote.empty()) return invalid("the project's remote is no URL or path");
    for (const auto& name : {source_.branch, source_.tag}) {
        if (!name.empty() && !is_ref_name(name)) return invalid("'" + name + "' is no name of a git branch or tag");
    }
    std::error_code failed;
    fs::create_directories(directory_, failed);
    GYRE_TRY_ASSIGN(const Fd lock, lock_file(path_ + ".lock", control_));
    if (is_over_ssh(access_.url)) {
        if (key_) GYRE_TRY(show_key());
        if (!key_) know_forges();
    }
    auto cloned = clone_locked(target);
    key_file_.reset();
    return cloned;
}

Result<void> SourceMirror::clone_locked(const std::string& target) {
    std::error_code failed;
    auto cloned = clone_once(target);
    if (cloned || control_.is_stopping() || !tells_of_git_damage(cloned.error().message)) return cloned;
    fs::remove_all(path_, failed);
    fs::remove_all(target, failed);
    return clone_once(target);
}

}  // namespace gyre::agent
