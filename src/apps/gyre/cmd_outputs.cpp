#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/progress_line.h"
#include "apps/gyre/server_flags.h"
#include "apps/gyre/terminal.h"
#include "apps/gyre/unseal.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

Result<int> unseal(const Cli& cli, const ServerFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags)));
    auto line = std::make_unique<ProgressLine>();
    auto result = unseal_outputs(loaded.settings, line->watch());
    line.reset();
    GYRE_TRY_ASSIGN(const Unsealed done, std::move(result));
    const int code = done.damaged == 0 ? 0 : exit_failed;
    if (cli.printed(json::object{{"outputs", done.outputs}, {"bytes", done.bytes}, {"damaged", done.damaged}}))
        return code;
    fmt::print("{} outputs of steps are raw now, {} in all\n", done.outputs, human_bytes(done.bytes));
    for (const auto& sentence : done.which) fmt::print("stays sealed: {}\n", terminal_text(sentence));
    if (done.damaged > 0) fmt::print("{} outputs are damaged and stay sealed\n", done.damaged);
    return code;
}

}  // namespace

void add_outputs_commands(CLI::App& app, Cli& cli) {
    auto* outputs = app.add_subcommand("outputs", "look after the outputs of steps");
    outputs->require_subcommand(1);
    auto flags = std::make_shared<ServerFlags>();
    auto* unsealing = outputs->add_subcommand("unseal", "write sealed outputs back as they were, for an older version");
    unsealing->add_flag("--json", cli.as_json, "print JSON for programs");
    add_setting_flags(unsealing, *flags);
    unsealing->footer(
        "Stop all servers first. It may be broken off and started again. A server seals them again unless its\n"
        "setting seal_every_seconds is 0. Exit code 1: some are damaged, and stay as they are.\n"
        "Example:  gyre outputs unseal --data-dir /var/lib/gyre");
    cli.on(unsealing, [&cli, flags] { return unseal(cli, *flags); });
}

}  // namespace gyre::apps
