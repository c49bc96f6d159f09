#include "adapters/git/git_command.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "base/utf8.h"

namespace gyre::adapters {
namespace {

// What went wrong, out of all that git says: its first line of error; behind it stands advice for people at a terminal.
std::string verdict(const std::string& said) {
    std::istringstream lines(said);
    std::string last;
    for (std::string line; std::getline(lines, line); last = line) {
        if (line.starts_with("fatal: ") || line.starts_with("error: ")) return line;
    }
    return last;
}

std::string without_credentials(const std::string& text) {
    static const std::regex credentials("://[^/@ ]*@");
    return std::regex_replace(text, credentials, "://");
}

std::string verb_of(const std::vector<std::string>& arguments) {
    const auto verb =
        std::find_if(arguments.begin(), arguments.end(), [](const auto& word) { return !word.starts_with('-'); });
    return verb == arguments.end() ? "" : *verb;
}

}  // namespace

Result<std::string> git(std::vector<std::string> arguments, std::chrono::milliseconds timeout) {
    Command command;
    command.argv = {"git", "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "LC_ALL=C",
                           "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=15"};
    command.timeout = timeout;
    GYRE_TRY_ASSIGN(Finished finished, run(command));
    if (finished.exit_code != 0) {
        const std::string said = valid_utf8(without_credentials(verdict(finished.err.substr(0, 4096))));
        return unavailable("git " + verb_of(arguments) + ": " +
                           (said.empty() ? "exit code " + std::to_string(finished.exit_code) : said));
    }
    return std::move(finished.out);
}

Result<void> check_remote(const std::string& remote) {
    static const std::regex allowed(
        R"((/|(https?|ssh|git|file)://)[^\x00-\x20]+|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\x00-\x20]+)");
    if (remote.size() <= 2048 && std::regex_match(remote, allowed)) return {};
    return invalid("'" + remote.substr(0, 200) +
                   "' is not a git remote; give an absolute path, an https, ssh, git or file URL, or user@host:path");
}

std::vector<std::string> upload_pack_options(const std::string& remote) {
    if (!remote.starts_with('/') && !remote.starts_with("file://")) return {};
    return {"--upload-pack=git -c safe.directory=* upload-pack"};
}

}  // namespace gyre::adapters
