#include "injob/circleci.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/fd.h"
#include "injob/arguments.h"
#include "injob/env_subst.h"
#include "injob/files.h"
#include "injob/messages.h"
#include "injob/tests.h"

namespace gyre::injob {
namespace {

constexpr std::size_t longest_text = 64 << 20;

constexpr const char* help = R"(%s: the tools of a Gyre job

  %s step halt                       end the job after this step, as a success
  %s tests glob PATTERN...           list matching files: * ? [a-z] ** {a,b}
  %s tests split [FILE] [--split-by=name|filesize|timings] [...]
                                     this task's share of a list of tests; --help tells more
  %s tests run --command=CMD [...]   split, and run CMD with the share on its standard input
  %s env subst [TEXT]                replace $NAME and ${NAME} in TEXT or standard input
  %s run oidc get                    print the job's ID token
)";

int step_halt(const Words& words) {
    if (!words.empty()) return fail("'step halt' takes no arguments; it ends nothing now", exit_usage);
    const char* path = std::getenv("GYRE_HALT_FILE");
    if (path == nullptr || path[0] == '\0') return fail("this is no step of a Gyre job (GYRE_HALT_FILE is not set)");
    const Fd file(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return fail(errno_error("noting the halt in " + std::string(path)).message);
    return exit_ok;
}

int env_subst(const Words& words) {
    Result<std::string> text = words.empty() ? read_all(STDIN_FILENO, longest_text) : Result<std::string>(words[0]);
    if (!text) return fail(text.error().message);
    const auto replaced = substitute_environment(*text, [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
    return write_all(STDOUT_FILENO, words.empty() ? replaced : replaced + "\n") ? exit_ok : exit_failed;
}

// Scripts put what it prints into a variable: where there is no token, nothing and success would mislead them.
int oidc_get(const Words& words) {
    if (!words.empty())
        return fail("'run oidc get' takes no arguments here: an ID token has the claims of CIRCLE_OIDC_TOKEN_V2 alone",
                    exit_usage);
    const char* token = std::getenv("CIRCLE_OIDC_TOKEN_V2");
    if (token == nullptr || token[0] == '\0')
        return fail("this job has no ID token: let the workflow give it a context");
    return write_all(STDOUT_FILENO, std::string(token) + "\n") ? exit_ok : exit_failed;
}

int print_help(const std::string& program) {
    const char* name = program.c_str();
    std::printf(help, name, name, name, name, name, name, name);
    return exit_ok;
}

bool asks_for_help(const std::string& word) { return word == "--help" || word == "-h" || word == "help"; }

int unknown(const std::string& program, const std::string& typed, const Words& known) {
    const std::string near = nearest_name(typed, known);
    return fail("unknown command '" + typed + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " See '" +
                    program + " --help'.",
                exit_usage);
}

}  // namespace

int circleci(const std::string& program, const std::vector<std::string>& words) {
    if (words.empty() || asks_for_help(words[0])) return print_help(program);
    const std::string command = words[0] + (words.size() > 1 ? " " + words[1] : "");
    const Words rest(words.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(words.size())),
                     words.end());
    if (command == "tests split") return tests_split(rest);
    if (command == "tests run") return tests_run(rest);
    // "step --help", "step halt --help"; what follows the first argument may be anybody's text
    if ((words.size() == 2 && asks_for_help(words[1])) || (rest.size() == 1 && asks_for_help(rest[0])))
        return print_help(program);
    if (command == "step halt") return step_halt(rest);
    if (command == "tests glob") return tests_glob(rest);
    if (command == "env subst") return env_subst(rest);
    if (command == "run oidc" && !rest.empty() && rest[0] == "get") {
        if (asks_for_help(rest.back())) return print_help(program);
        return oidc_get({rest.begin() + 1, rest.end()});
    }
    if (words[0] == "run") {
        std::fprintf(stderr, "'%s' does nothing on this server.\n", command.c_str());
        return exit_ok;
    }
    return unknown(program, command, {"step halt", "tests glob", "tests split", "tests run", "env subst"});
}

}  // namespace gyre::injob
