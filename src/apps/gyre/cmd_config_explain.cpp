#include <fmt/format.h>

#include <memory>

#include "apps/gyre/config_report.h"
#include "apps/gyre/terminal.h"
#include "config/explain.h"
#include "config/nearest.h"

namespace gyre::apps {
namespace {

json::object as_json(const config::Explanation& one) {
    return {{"code", name_of(one.code)}, {"summary", one.summary}, {"meaning", one.meaning}, {"fix", one.fix},
            {"wrong", one.wrong},        {"right", one.right}};
}

int list_all(const Cli& cli) {
    json::array all;
    std::vector<std::vector<std::string>> rows{{"CODE", "WHAT IS WRONG"}};
    for (const config::Explanation& one : config::explanations()) {
        all.push_back(as_json(one));
        rows.push_back({std::string(name_of(one.code)), std::string(one.summary)});
    }
    if (!cli.printed(all)) print_table(rows);
    return 0;
}

Result<int> explain(const Cli& cli, const std::string& name) {
    if (name.empty()) return list_all(cli);
    if (const auto code = enum_from<config::Code>(name)) {
        const config::Explanation& one = config::explanation_of(*code);
        if (!cli.printed(as_json(one))) fmt::print("{}", config::explained(one));
        return 0;
    }
    std::vector<std::string> names;
    for (const config::Explanation& one : config::explanations()) names.emplace_back(name_of(one.code));
    const std::string near = config::nearest(name, names);
    return not_found("no diagnostic has the code '" + name + "'; " +
                     (near.empty() ? "`gyre config explain` lists them" : "did you mean '" + near + "'?"));
}

}  // namespace

void add_explain_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("explain", "what a diagnostic means, with a wrong and a right config");
    auto code = std::make_shared<std::string>();
    command->add_option("code", *code, "the word in brackets behind the message; without it all are listed");
    command->add_flag("--json", cli.as_json, "print JSON for programs");
    command->footer("Example:  gyre config explain unknown-key");
    cli.on(command, [&cli, code] { return explain(cli, *code); });
}

}  // namespace gyre::apps
