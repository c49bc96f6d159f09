#include <fmt/format.h>

#include "apps/gyre/config_report.h"
#include "config/schema.h"

namespace gyre::apps {
namespace {

bool is_short(const json::value& value) {
    if (const auto* list = value.if_array()) return list->size() < 8 && json::serialize(value).size() < 90;
    if (const auto* object = value.if_object()) return object->size() < 2 && json::serialize(value).size() < 90;
    return true;
}

// People read a schema, and keep it in a repository: one member a line.
void print_value(const json::value& value, std::size_t indent) {
    if (is_short(value)) {
        fmt::print("{}", json::serialize(value));
        return;
    }
    const std::string margin(indent + 2, ' ');
    const char* separator = "\n";
    if (const auto* list = value.if_array()) {
        fmt::print("[");
        for (const json::value& one : *list) {
            fmt::print("{}{}", separator, margin);
            print_value(one, indent + 2);
            separator = ",\n";
        }
        return fmt::print("\n{}]", std::string(indent, ' '));
    }
    fmt::print("{{");
    for (const auto& [key, one] : value.get_object()) {
        fmt::print("{}{}{}: ", separator, margin, json::serialize(json::value(key)));
        print_value(one, indent + 2);
        separator = ",\n";
    }
    fmt::print("\n{}}}", std::string(indent, ' '));
}

}  // namespace

void add_schema_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("schema", "print the JSON Schema of configs (draft-07), for editors");
    command->footer(
        "Example:  gyre config schema > .circleci/schema.json\n"
        "and at the top of the config, for editors with the YAML language server:\n"
        "          # yaml-language-server: $schema=schema.json");
    cli.on(command, []() -> Result<int> {
        print_value(config::json_schema(), 0);
        fmt::print("\n");
        return 0;
    });
}

}  // namespace gyre::apps
