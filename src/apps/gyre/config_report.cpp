#include "apps/gyre/config_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "apps/gyre/terminal.h"
#include "apps/gyre/text_file.h"
#include "config/nearest.h"
#include "config/read.h"
#include "config/render.h"

namespace gyre::apps {
namespace {

// One byte more than a config may have, so that the compiler says so; a byte order mark does not count.
constexpr std::size_t most_bytes = config::ReadLimits{}.bytes + 1 + 3;

std::string rendered(const std::string& format, const std::vector<config::Diagnostic>& diagnostics) {
    if (format == "json") return config::render_json(diagnostics) + "\n";
    if (format == "sarif") return config::render_sarif(diagnostics) + "\n";
    if (format == "github") return config::render_github(diagnostics);
    return config::render_text(diagnostics, {.colours = shows_colours()});
}

Result<config::Code> code_named(const std::string& name) {
    if (const auto code = enum_from<config::Code>(name)) return *code;
    std::vector<std::string> names;
    for (const auto& [code, known] : enum_names(config::Code{})) names.emplace_back(known);
    const std::string near = config::nearest(name, names);
    return Error{Fault::invalid,
                 "--allow: no diagnostic has the code '" + name + "'" +
                     (near.empty() ? "; `gyre config explain` lists them" : "; did you mean '" + near + "'?")};
}

std::string read_beginning(std::istream& in, std::size_t most) {
    std::string text;
    std::string block(1U << 16U, '\0');
    while (text.size() < most && in) {
        in.read(block.data(), static_cast<std::streamsize>(std::min(block.size(), most - text.size())));
        text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    return text;
}

// Where the config of this path may be instead.
std::string other_place(const std::filesystem::path& path) {
    std::error_code failed;
    const bool is_yml = path.extension() == ".yml";
    const auto other = std::filesystem::path(path).replace_extension(is_yml ? ".yaml" : ".yml");
    if ((is_yml || path.extension() == ".yaml") && std::filesystem::exists(other, failed)) {
        const std::string found = "; there is " + other.string();
        return is_yml && path.filename() == "config.yml" ? found + ", but the server reads config.yml: rename it"
                                                         : found;
    }
    return path == ".circleci/config.yml" ? "; name the config as an argument" : "";
}

}  // namespace

void add_report_options(CLI::App* app, ReportFlags& flags, Cli& cli) {
    app->add_option("--format", flags.format, "text, json, sarif (code scanning) or github (workflow commands)")
        ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
        ->capture_default_str();
    app->add_flag("--json", cli.as_json, "the same as --format json");
    app->add_option("--allow", flags.allowed, "say nothing about warnings with this code (may be repeated)")
        ->allow_extra_args(false);
    app->add_flag("--strict", flags.strict, "fail on warnings too");
}

Result<void> drop_allowed(const ReportFlags& flags, std::vector<config::Diagnostic>& diagnostics) {
    for (const std::string& name : flags.allowed) {
        GYRE_TRY_ASSIGN(const config::Code code, code_named(name));
        std::erase_if(diagnostics, [&](const config::Diagnostic& one) {
            return one.severity == config::Severity::warning && one.code == code;
        });
    }
    return {};
}

int report(const Cli& cli, const ReportFlags& flags, const std::vector<config::Diagnostic>& diagnostics) {
    const std::string format = cli.as_json ? "json" : flags.format;
    fmt::print("{}", rendered(format, diagnostics));
    std::fflush(stdout);
    const std::string counts = config::summary(diagnostics);
    if (format == "text" && !counts.empty()) {
        const auto code = name_of(diagnostics.front().code);
        fmt::print(stderr, "\n{}; `gyre config explain {}` says more\n", counts, code);
    }
    return config::has_errors(diagnostics) || (flags.strict && !diagnostics.empty()) ? exit_failed : 0;
}

Result<std::string> read_config(const std::string& path) {
    if (path == "-") return read_beginning(std::cin, most_bytes);
    auto text = read_beginning(path, most_bytes, Pipes::read);
    if (!text && text.error().fault == Fault::not_found) return not_found(text.error().message + other_place(path));
    return text;
}

std::string shown_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

}  // namespace gyre::apps
