#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "apps/gyre/cli.h"
#include "apps/gyre/installation.h"
#include "apps/gyre/offers.h"
#include "apps/gyre/server_flags.h"
#include "apps/gyre/services.h"
#include "base/log.h"
#include "base/random.h"

namespace gyre::apps {
namespace {

log::Level level_of(const std::string& name) {
    if (name == "debug") return log::Level::debug;
    if (name == "warn") return log::Level::warn;
    if (name == "error") return log::Level::error;
    return log::Level::info;
}

// Blocked before any thread exists, so that only wait_for_end() receives them.
sigset_t block_end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

// Printed before it is stored: whatever ends this program in between costs nobody the only way in. False: there is an
// administrator already.
Result<bool> make_token(Installation& installation, Installation::Admitted when) {
    const std::string token = random_token(20);
    bool shown = false;
    const auto show = [&]() -> Result<void> {
        if (shown) return {};
        const std::string line = fmt::format("gyre: administrator token, shown this once: {}\n", token);
        shown = std::fputs(line.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
        return shown ? Result<void>() : errno_error("printing the administrator's token");
    };
    auto admitted = installation.admit_administrator(token, when, show);
    return admitted || !shown ? admitted : admitted.error().during("the token above is not valid; storing it");
}

// Only jobs would tell.
void warn_of_engine(const ServerSettings& settings) {
    if (!is_chosen("dispatcher", settings.only, settings.except)) return;
    if (const auto answers = check_named_engine(settings); !answers)
        log::warn("server", "the container engine of docker_socket does not answer, and jobs need it: {}",
                  answers.error().message);
}

Result<int> serve(const ServerFlags& flags, bool new_token) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags)));
    log::set_level(level_of(loaded.settings.log_level));
    const sigset_t signals = block_end_signals();
    GYRE_TRY_ASSIGN(const auto installation, Installation::open({.settings = loaded.settings}));
    if (loaded.settings.sandbox == "none") log::warn("server", "{}", no_isolation);
    warn_of_engine(loaded.settings);
    GYRE_TRY(installation->start());
    const bool listens = installation->listens();
    bool made_token = false;
    if (new_token || listens) {
        const auto when = new_token ? Installation::Admitted::in_any_case : Installation::Admitted::as_first;
        GYRE_TRY_ASSIGN(made_token, make_token(*installation, when));
    }
    if (listens) {
        fmt::print("gyre: listening on {}\n", installation->url());
    } else {
        fmt::print("gyre: running {}; without the service frontend nobody reaches this process\n",
                   installation->running());
    }
    if (made_token && listens)
        fmt::print("gyre: store the token for the command line with: gyre login --server {}\n", installation->url());
    std::fflush(stdout);
    int received = 0;
    sigwait(&signals, &received);
    log::info("server", "stopping; running jobs go on and report to the next start");
    installation->stop();
    return 0;
}

}  // namespace

void add_server_command(CLI::App& app, Cli& cli) {
    auto* command =
        app.add_subcommand("server", "run the server: database, scheduler, API and web page in one process");
    auto flags = std::make_shared<ServerFlags>();
    auto new_token = std::make_shared<bool>(false);
    add_setting_flags(command, *flags);
    command->add_flag("--new-admin-token", *new_token,
                      "make and print another administrator's token at this start, when the first was lost");
    command->footer(
        "Every setting can also stand in the environment (GYRE_LISTEN) or the settings file; `gyre config show` "
        "prints\n"
        "them all. Example:  gyre server --data-dir /var/lib/gyre --listen 0.0.0.0:8080 --sandbox host");
    cli.on(command, [flags, new_token] { return serve(*flags, *new_token); });
}

}  // namespace gyre::apps
