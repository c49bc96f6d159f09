#include "injob/tests.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

#include "base/fd.h"
#include "base/json.h"
#include "injob/failed_tests.h"
#include "injob/files.h"
#include "injob/glob.h"
#include "injob/home.h"
#include "injob/share.h"
#include "wire/earlier_tests.h"

namespace gyre::injob {
namespace {

constexpr std::size_t largest_failed = 16 << 20;

const OptionNames split_options{
    {"split-by", "timings-type", "timings-file", "time-default", "index", "total"},
    {"show-counts", "verbose", "help"},
    {{'v', "verbose"}, {'h', "help"}},
};

OptionNames run_options() {
    auto options = split_options;
    options.with_value.insert("command");
    return options;
}

constexpr const char* help = R"(circleci tests split [FILE]           prints this task's share of a list of tests
circleci tests run --command=CMD [FILE]
                                      runs CMD with the share on its standard input, as xargs wants it; in a
                                      rerun of failed tests only with those that failed
The list is read from FILE or standard input; blanks and line ends separate names.

  --split-by=name|filesize|timings    name: sorted, and dealt out; the others: even sums
  --timings-type=filename|classname|testname|autodetect
                                      what of earlier test results the names are
  --timings-file=FILE                 other results than those of $CIRCLE_INTERNAL_TASK_DATA/%s
  --time-default=10s                  of names without a timing; otherwise they are dealt out evenly
  --index=N --total=N                 otherwise $CIRCLE_NODE_INDEX, $CIRCLE_NODE_TOTAL
  --show-counts, --verbose, -v        tell more on standard error
)";

int print_help() {
    std::printf(help, wire::earlier_results_file);
    return exit_ok;
}

int split_share(const Arguments& arguments) {
    const auto wanted = share_wanted(arguments);
    if (!wanted) return fail(wanted.error().message, exit_usage);
    auto names = names_from(arguments);
    if (!names) return fail(names.error().message, exit_usage);
    return print_lines(share_of(std::move(*names), *wanted));
}

// What failed before; nothing where all tests are to run.
std::optional<Result<wire::FailedBefore>> failed_before() {
    const std::string path = task_data_file(wire::failed_tests_file);
    if (path.empty()) return std::nullopt;
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) return Result<wire::FailedBefore>(errno_error("opening " + path));
    const auto text = read_all(file.get(), largest_failed);
    if (!text) return Result<wire::FailedBefore>(text.error());
    return from_json_text<wire::FailedBefore>(*text, {.bytes = largest_failed});
}

Words without_what_passed(Words names, const ShareWanted& wanted) {
    const auto failed = failed_before();
    if (!failed) return names;
    auto again = *failed ? run_again(names, **failed, wanted.type == TimingsType::testname, here())
                         : Again{names, (*failed).error().message};
    if (!again.why_all.empty()) {
        say("Rerun of failed tests: all " + std::to_string(names.size()) + " names run, for " + again.why_all +
            ". JUnit results need a file or a classname that is in the list.");
        return names;
    }
    say("Rerun of failed tests: " + std::to_string((*failed)->tests.size()) + " failed in " + (*failed)->job + "; " +
        std::to_string(again.names.size()) + " of " + std::to_string(names.size()) + " names run again.");
    return std::move(again.names);
}

// The command reads its share from standard input.
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

int run_share(const Arguments& arguments) {
    const std::string command = arguments.text("command");
    if (command.empty()) return fail("tests run needs --command, such as --command=\"xargs pytest\"", exit_usage);
    const auto wanted = share_wanted(arguments);
    if (!wanted) return fail(wanted.error().message, exit_usage);
    auto names = names_from(arguments);
    if (!names) return fail(names.error().message, exit_usage);
    if (names->empty()) say("Warning: there are no names of tests on standard input.");
    const auto share = share_of(without_what_passed(std::move(*names), *wanted), *wanted);
    if (!share.empty()) return run_with_input(command, share);
    say("No tests for this task; the command is not run.");
    return exit_ok;
}

int with_options(const Words& words, const OptionNames& options, int (*act)(const Arguments&)) {
    const auto arguments = parse_arguments(words, options);
    if (!arguments) return fail(arguments.error().message, exit_usage);
    return arguments->has("help") ? print_help() : act(*arguments);
}

}  // namespace

int tests_glob(const Words& patterns) {
    if (patterns.empty()) return fail("tests glob needs a pattern, such as \"test/**/*_test.py\"", exit_usage);
    Words once;
    std::set<std::string> seen;
    for (const auto& pattern : patterns) {
        const auto found = glob(pattern, ".", GlobRules::tests);
        if (!found) return fail(found.error().message, exit_usage);
        std::ranges::copy_if(*found, std::back_inserter(once),
                             [&](const auto& path) { return seen.insert(path).second; });
    }
    return print_lines(once);
}

int tests_split(const Words& words) { return with_options(words, split_options, split_share); }

int tests_run(const Words& words) { return with_options(words, run_options(), run_share); }

}  // namespace gyre::injob
