#include "adapters/git/git_command.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "base/utf8.h"
#include "model/host_keys.h"

namespace gyre::adapters {
namespace {

// What went wrong, out of all that git says: its first line of error; behind it stands advice for people at a terminal.
// Where that says no more than that the other side hung up, what ssh or the forge said before.
std::string verdict(const std::string& said) {
    std::istringstream lines(said);
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
        if (line == "fatal: Could not read from remote repository." && !last.empty()) return last;
        if (line.starts_with("fatal: ") || line.starts_with("error: ")) return line;
        if (!line.empty()) last = line;
    }
    return last;
}

std::string censored(const std::string& text) {
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
    return git(std::move(arguments), Access(""), timeout);
}

Result<std::string> git(std::vector<std::string> arguments, const Access& access, std::chrono::milliseconds timeout) {
    Command command;
    command.argv = {"git", "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"};
    command.argv.insert(command.argv.end(), access.config.begin(), access.config.end());
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "LC_ALL=C", "GIT_SSH_COMMAND=" + access.ssh};
    command.environment.insert(command.environment.end(), access.environment.begin(), access.environment.end());
    command.timeout = timeout;
    GYRE_TRY_ASSIGN(Finished finished, run(command));
    if (finished.exit_code != 0) {
        const std::string said = valid_utf8(censored(verdict(finished.err.substr(0, 4096))));
        if (is_over_ssh(access.url) && !refusal_in(said).empty())
            return denied("git " + verb_of(arguments) + ": " + said);
        return unavailable("git " + verb_of(arguments) + ": " +
                           (said.empty() ? "exit code " + std::to_string(finished.exit_code) : said));
    }
    return std::move(finished.out);
}

Access::Access(const std::string& remote) : GitAccess(access_to(remote)) {
    if (url.starts_with('/') || url.starts_with("file://"))
        options = {"--upload-pack=git -c safe.directory=* upload-pack"};
}

}  // namespace gyre::adapters
