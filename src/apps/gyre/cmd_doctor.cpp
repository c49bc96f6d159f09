#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/doctor.h"
#include "apps/gyre/progress_line.h"
#include "apps/gyre/server_flags.h"

namespace gyre::apps {
namespace {

struct DoctorFlags {
    ServerFlags settings;
    bool repair = false;
};

json::object facts_of(const Examined& examined) {
    json::array findings;
    for (const auto& one : examined.findings)
        findings.push_back(json::object{{"rule", one.rule},
                                        {"sentence", one.sentence},
                                        {"repaired", one.repaired},
                                        {"repairable", one.repairable}});
    return {{"clean", examined.clean()},
            {"server_running", examined.running},
            {"findings", std::move(findings)},
            {"looked_at", json::array(examined.looked_at.begin(), examined.looked_at.end())}};
}

Result<int> look(const Cli& cli, const DoctorFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.settings)));
    auto line = std::make_unique<ProgressLine>();
    const auto watch = line->watch();
    auto result = examine_installation(loaded.settings, flags.repair, watch);
    line.reset();
    GYRE_TRY_ASSIGN(const Examined examined, std::move(result));
    const int code = examined.clean() ? 0 : exit_failed;
    if (cli.printed(facts_of(examined))) return code;
    for (const auto& one : examined.looked_at) fmt::print("looked at: {}\n", one);
    if (examined.running) fmt::print("a server runs here: what was not right was looked at twice\n");
    for (const auto& one : examined.findings)
        fmt::print("{}: {}{}{}\n", one.rule, one.sentence, one.repaired.empty() ? "" : "; repaired: ", one.repaired);
    if (examined.findings.empty()) {
        fmt::print("nothing is wrong\n");
    } else if (!flags.repair && examined.repair_would_help()) {
        const bool several = !loaded.settings.database.empty();
        const char* const before = several            ? "stop all servers and run"
                                   : examined.running ? "stop the server and run"
                                                      : "run";
        fmt::print("{} gyre doctor --repair, which repairs what can be\n", before);
    } else if (!flags.repair && !examined.clean()) {
        fmt::print("gyre doctor --repair can do nothing about that\n");
    }
    return code;
}

}  // namespace

void add_doctor_command(CLI::App& app, Cli& cli) {
    auto flags = std::make_shared<DoctorFlags>();
    auto* command = app.add_subcommand("doctor", "look the installation on this machine over, and repair what can be");
    command->add_flag("--repair", flags->repair, "repair; only while no server runs");
    command->add_flag("--json", cli.as_json, "print JSON for programs");
    add_setting_flags(command, flags->settings);
    command->footer(
        "Exit code 0: nothing is wrong (any more); 1: something is.\n"
        "Example:  gyre doctor --data-dir /var/lib/gyre");
    cli.on(command, [&cli, flags] { return look(cli, *flags); });
}

}  // namespace gyre::apps
