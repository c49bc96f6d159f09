#include "injob/circleci.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/fd.h"
#include "injob/arguments.h"
#include "injob/env_subst.h"
#include "injob/files.h"
#include "injob/glob.h"
#include "injob/split.h"

namespace gyre::injob {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t longest_list = 64 << 20;

constexpr const char* help = R"(%s: the tools of a Gyre job

  %s step halt                       end the job after this step, as a success
  %s tests glob PATTERN...           list matching files: * ? [a-z] ** {a,b}
  %s tests split [FILE] [--split-by=name|filesize|timings] [--index=N] [--total=N]
                                     this task's share of a list of files
  %s tests run --command=CMD [...]   split, and run CMD with the share on its standard input
  %s env subst [TEXT]                replace $NAME and ${NAME} in TEXT or standard input
)";

int fail(const std::string& message, int code = exit_failed) {
    std::fprintf(stderr, "error: %s\n", message.c_str());
    return code;
}

int print_lines(const Words& lines) {
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return write_all(STDOUT_FILENO, text) ? exit_ok : exit_failed;
}

int step_halt() {
    const char* path = std::getenv("GYRE_HALT_FILE");
    if (path == nullptr || path[0] == '\0') return fail("this is no step of a Gyre job (GYRE_HALT_FILE is not set)");
    const Fd file(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return fail(errno_error("noting the halt in " + std::string(path)).message);
    return exit_ok;
}

int tests_glob(const Words& patterns) {
    if (patterns.empty()) return fail("tests glob needs a pattern, such as \"test/**/*_test.py\"", exit_usage);
    Words all;
    for (const auto& pattern : patterns) {
        const auto found = glob(pattern, ".", GlobRules::tests);
        if (!found) return fail(found.error().message, exit_usage);
        all.insert(all.end(), found->begin(), found->end());
    }
    Words once;
    std::set<std::string> seen;
    for (const auto& path : all) {
        if (seen.insert(path).second) once.push_back(path);
    }
    return print_lines(once);
}

Result<Words> names_to_split(const Arguments& arguments) {
    Fd file;
    if (!arguments.rest.empty()) {
        file = Fd(open(arguments.rest[0].c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) return errno_error("opening " + arguments.rest[0]);
    }
    GYRE_TRY_ASSIGN(const std::string text, read_all(file ? file.get() : STDIN_FILENO, longest_list));
    return words_of(text);
}

Result<long long> number_from(const Arguments& arguments, const char* option, const char* variable,
                              long long fallback) {
    if (arguments.has(option)) return arguments.number(option, fallback);
    const char* text = std::getenv(variable);
    if (text == nullptr || text[0] == '\0') return fallback;
    Arguments one;
    one.options[variable] = text;
    return one.number(variable, fallback);
}

Words share_of(Words names, const std::string& by, std::size_t index, std::size_t total) {
    if (by == "timings") {
        std::fprintf(stderr, "Error auto-detecting timing type, falling back to weighting by name.\n");
    }
    if (by != "filesize") return share_by_name(std::move(names), index, total);
    std::vector<Weighted> items;
    for (auto& name : names) {
        struct stat facts {};
        const bool known = stat(name.c_str(), &facts) == 0;
        if (!known) std::fprintf(stderr, "%s: no such file; it counts as empty\n", name.c_str());
        items.push_back({std::move(name), known ? facts.st_size : 0});
    }
    return share_by_weight(std::move(items), index, total);
}

const OptionNames split_options{
    {"split-by", "timings-type", "time-default", "index", "total", "show-counts", "command"},
    {"verbose", "v"},
};

Result<Words> split_share(const Arguments& arguments) {
    const std::string by = arguments.text("split-by", "name");
    if (by != "name" && by != "filesize" && by != "timings") {
        return invalid("--split-by must be name, filesize or timings, not '" + by + "'");
    }
    GYRE_TRY_ASSIGN(const long long index, number_from(arguments, "index", "CIRCLE_NODE_INDEX", 0));
    GYRE_TRY_ASSIGN(const long long total, number_from(arguments, "total", "CIRCLE_NODE_TOTAL", 1));
    if (total < 1 || total > 10'000) return invalid("--total must be from 1 to 10000");
    if (index >= total) return invalid("--index must be below --total (" + std::to_string(total) + ")");
    GYRE_TRY_ASSIGN(Words names, names_to_split(arguments));
    return share_of(std::move(names), by, static_cast<std::size_t>(index), static_cast<std::size_t>(total));
}

int tests_split(const Words& words) {
    const auto arguments = parse_arguments(words, split_options);
    if (!arguments) return fail(arguments.error().message, exit_usage);
    const auto share = split_share(*arguments);
    return share ? print_lines(*share) : fail(share.error().message, exit_usage);
}

// The command reads its share from standard input, which is how `xargs` wants it.
int run_with_input(const std::string& command, const Words& share) {
    int ends[2];
    if (pipe(ends) != 0) return fail(errno_error("making a pipe").message);
    const pid_t pid = fork();
    if (pid < 0) return fail(errno_error("starting the command").message);
    if (pid == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[0]);
    std::string text;
    for (const auto& name : share) text += name + "\n";
    signal(SIGPIPE, SIG_IGN);
    write_all(ends[1], text);
    close(ends[1]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int tests_run(const Words& words) {
    const auto arguments = parse_arguments(words, split_options);
    if (!arguments) return fail(arguments.error().message, exit_usage);
    const std::string command = arguments->text("command");
    if (command.empty()) return fail("tests run needs --command, such as --command=\"xargs pytest\"", exit_usage);
    const auto share = split_share(*arguments);
    if (!share) return fail(share.error().message, exit_usage);
    if (share->empty()) {
        std::fprintf(stderr, "No tests for this task; the command is not run.\n");
        return exit_ok;
    }
    return run_with_input(command, *share);
}

int env_subst(const Words& words) {
    Result<std::string> text = words.empty() ? read_all(STDIN_FILENO, longest_list) : Result<std::string>(words[0]);
    if (!text) return fail(text.error().message);
    const auto replaced = substitute_environment(*text, [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
    return write_all(STDOUT_FILENO, words.empty() ? replaced : replaced + "\n") ? exit_ok : exit_failed;
}

int print_help(const std::string& program) {
    const char* name = program.c_str();
    std::printf(help, name, name, name, name, name, name);
    return exit_ok;
}

int unknown(const std::string& program, const std::string& typed, const Words& known) {
    const std::string near = nearest_name(typed, known);
    return fail("unknown command '" + typed + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " See '" +
                    program + " --help'.",
                exit_usage);
}

}  // namespace

int circleci(const std::string& program, const std::vector<std::string>& words) {
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") return print_help(program);
    const std::string command = words[0] + (words.size() > 1 ? " " + words[1] : "");
    const Words rest(words.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(words.size())),
                     words.end());
    if (command == "step halt") return step_halt();
    if (command == "tests glob") return tests_glob(rest);
    if (command == "tests split") return tests_split(rest);
    if (command == "tests run") return tests_run(rest);
    if (command == "env subst") return env_subst(rest);
    if (words[0] == "run") {
        std::fprintf(stderr, "'%s' does nothing on this server.\n", command.c_str());
        return exit_ok;
    }
    return unknown(program, command, {"step halt", "tests glob", "tests split", "tests run", "env subst"});
}

}  // namespace gyre::injob
