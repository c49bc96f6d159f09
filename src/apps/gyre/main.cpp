// gyre: the server, the command line and the local runner in one executable.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "apps/gyre/cli.h"
#include "apps/gyre/suggest.h"
#include "base/utf8.h"

namespace {

constexpr int exit_io_failed = 5;
constexpr int exit_unread = 128 + SIGPIPE;  // as shells show a program that the signal ended

// Who closed the pipe (`| head`) knows it.
int cannot_print(int why) {
    if (why == EPIPE) return exit_unread;
    fmt::print(stderr, "gyre: cannot write to standard output{}{}\n", why == 0 ? "" : ": ",
               why == 0 ? "" : std::strerror(why));
    return exit_io_failed;
}

// What cannot be printed (a closed pipe, a full disk) is a failure like any other, told by the exit code.
int carried_out(const std::function<int()>& command) {
    try {
        const int code = command();
        errno = 0;
        return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? code : cannot_print(errno);
    } catch (const std::system_error& failed) {
        return cannot_print(failed.code().value());
    }
}

// Where one was closed, the next file or connection would get its number, and with it what is printed. Reading from
// it, and writing to it, fails as it would without; words for people who do not listen go nowhere.
void keep_standard_descriptors() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0) ::open("/dev/null", number == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
    }
}

// What is not UTF-8 would reach servers and terminals as something else. The name of a pushed ref is git's, not typed:
// the pipeline says what is wrong with it.
std::optional<std::string> wrong_argument(int argc, char** argv) {
    for (int place = 1; place < argc; ++place) {
        const std::string_view word = argv[place];
        if (gyre::valid_utf8(word) == word || std::string_view(argv[place - 1]) == "--push") continue;
        return fmt::format("argument {} is not UTF-8: '{}'; write it in UTF-8, or rename what it names", place,
                           gyre::escaped_utf8(gyre::cut_utf8(word, 200)));
    }
    return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace gyre::apps;
    keep_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error of that write, not the end of the program
    if (const auto wrong = wrong_argument(argc, argv)) {
        fmt::print(stderr, "gyre: {}\n", *wrong);
        return exit_usage;
    }
    CLI::App app("Gyre: a self-hosted CI/CD server for .circleci/config.yml", "gyre");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("gyre ") + GYRE_VERSION);
    app.footer(
        "Start here:  gyre server            run the server on its embedded database\n"
        "             gyre run               run this working copy's config, no server needed\n"
        "             gyre COMMAND --help    what a command does, with examples");
    Cli cli;
    add_server_command(app, cli);
    add_run_command(app, cli);
    add_replay_command(app, cli);
    add_config_commands(app, cli);
    add_orb_commands(app, cli);
    add_login_command(app, cli);
    add_project_commands(app, cli);
    add_trigger_command(app, cli);
    add_list_commands(app, cli);
    add_queue_commands(app, cli);
    add_env_commands(app, cli);
    add_keys_commands(app, cli);
    add_context_commands(app, cli);
    add_registry_commands(app, cli);
    add_secrets_commands(app, cli);
    add_ssh_commands(app, cli);
    add_logs_command(app, cli);
    add_change_commands(app, cli);
    add_database_commands(app, cli);
    add_outputs_commands(app, cli);
    add_backup_commands(app, cli);
    add_doctor_command(app, cli);
    if (const auto hint = suggestion(app, argc, argv)) {
        fmt::print(stderr, "gyre: {}\n", *hint);
        return exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : exit_usage;
    }
    return cli.chosen ? carried_out(cli.chosen) : exit_usage;
}
