#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/fd.h"
#include "support/eventually.h"

namespace gyre::test {
namespace {

// Nothing of the caller's settings, tokens or editors reaches what we start.
std::vector<std::string> environment_of(const ShortRun& wanted) {
    const char* path = std::getenv("PATH");
    std::vector<std::string> result{"PATH=" + std::string(path ? path : "/usr/bin:/bin"),
                                    "HOME=" + wanted.home,
                                    "LANG=C.UTF-8",
                                    "GIT_CONFIG_NOSYSTEM=1",
                                    "GIT_AUTHOR_NAME=Ada",
                                    "GIT_AUTHOR_EMAIL=ada@example.org",
                                    "GIT_COMMITTER_NAME=Ada",
                                    "GIT_COMMITTER_EMAIL=ada@example.org"};
    result.insert(result.end(), wanted.environment.begin(), wanted.environment.end());
    return result;
}

std::vector<std::string> command_of(const ShortRun& wanted) {
    std::vector<std::string> argv{"env", "-i"};
    for (auto& variable : environment_of(wanted)) argv.push_back(std::move(variable));
    argv.insert(argv.end(), wanted.argv.begin(), wanted.argv.end());
    return as_user(wanted.user, std::move(argv));
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    result.reserve(words.size() + 1);
    for (auto& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

User current_user() { return {::getuid(), ::getgid(), ::getuid() == 0 ? "root" : "user"}; }

User ordinary_user() { return ::getuid() == 0 ? User{1500, 1500, "ordinary"} : current_user(); }

std::string ordinary_user_needs() {
    const ShortRun probe{.argv = {"unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "true"},
                         .user = ordinary_user(),
                         .home = "/",
                         .directory = "/"};
    const Finished finished = run_as(probe);
    if (finished.exit_code == 0) return "";
    return "needs user namespaces for ordinary users: " + finished.err;
}

std::vector<std::string> as_user(const User& user, std::vector<std::string> argv) {
    if (user.uid == ::getuid()) return argv;
    std::vector<std::string> whole{"setpriv", "--reuid=" + std::to_string(user.uid),
                                   "--regid=" + std::to_string(user.gid), "--clear-groups", "--inh-caps=-all"};
    whole.insert(whole.end(), argv.begin(), argv.end());
    return whole;
}

Finished run_as(const ShortRun& wanted) {
    Command command;
    command.argv = command_of(wanted);
    command.directory = wanted.directory;
    command.input = wanted.input;
    command.timeout = wanted.timeout;
    auto finished = run(command);
    if (!finished) throw std::runtime_error(finished.error().message);
    return std::move(*finished);
}

std::string output_of(const ShortRun& wanted) {
    const Finished finished = run_as(wanted);
    if (finished.exit_code == 0) return finished.out;
    std::string line;
    for (const auto& word : wanted.argv) line += word + " ";
    throw std::runtime_error(line + "ended with " + std::to_string(finished.exit_code) + ":\n" + finished.out +
                             finished.err);
}

Program::Program(const ShortRun& wanted, std::string output) : output_(std::move(output)) {
    auto argv = command_of(wanted);
    auto words = pointers(argv);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (!wanted.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, wanted.directory.c_str());
    const int failed = posix_spawnp(&id_, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("starting " + wanted.argv[0] + ": " + std::strerror(failed));
}

Program::~Program() {
    signal(SIGKILL);
    wait();
}

bool Program::ended() {
    int status = 0;
    if (exit_code_ < 0 && ::waitpid(id_, &status, WNOHANG) == id_) exit_code_ = exit_code_of(status);
    return exit_code_ >= 0;
}

int Program::wait() {
    int status = 0;
    if (exit_code_ < 0 && ::waitpid(id_, &status, 0) == id_) exit_code_ = exit_code_of(status);
    return exit_code_;
}

void Program::signal(int number) {
    if (!ended()) ::kill(id_, number);
}

std::string Program::output() const { return read_file(output_); }

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace gyre::test
