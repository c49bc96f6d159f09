#include "apps/gyre/compile_flags.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "base/utf8.h"
#include "config/nearest.h"
#include "config/pipeline_values.h"
#include "config/scalar.h"

namespace gyre::apps {
namespace {

constexpr std::size_t most_bytes = 1U << 20U;  // of a file with parameters

Error wrong(const std::string& flag, const std::string& what) { return {Fault::invalid, flag + ": " + what}; }

Result<std::pair<std::string, std::string>> split(const std::string& flag, const std::string& assignment) {
    if (valid_utf8(assignment) != assignment)
        return wrong(flag, "'" + escaped_utf8(assignment) + "' is not UTF-8, which configs are");
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
        return wrong(flag, "'" + assignment + "' is not of the form name=value");
    }
    return std::pair(assignment.substr(0, equals), assignment.substr(equals + 1));
}

Result<config::Scalar> scalar_of(const std::string& name, const json::value& value) {
    if (value.is_bool()) return config::Scalar{value.get_bool()};
    if (value.is_int64()) return config::Scalar{value.get_int64()};
    if (value.is_string()) return config::Scalar{std::string(value.get_string())};
    return wrong("--parameters", "'" + name + "' must be true, false, a whole number or text");
}

Result<void> read_parameters(const std::string& path, config::CompileInput& input) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return wrong("--parameters", "cannot read " + path);
    std::string text(most_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > most_bytes) return wrong("--parameters", path + " has more than a million bytes");
    const auto parsed = parse_json(text);
    if (!parsed) return parsed.error().during("--parameters " + path);
    if (!parsed->is_object()) return wrong("--parameters", path + " must hold an object: {\"name\": value}");
    for (const auto& [key, value] : parsed->get_object()) {
        const std::string name(key);
        GYRE_TRY_ASSIGN(input.parameters[name], scalar_of(name, value));
    }
    return {};
}

Result<void> add_value(const std::string& assignment, config::CompileInput& input) {
    GYRE_TRY_ASSIGN(auto pair, split("--pipeline-value", assignment));
    auto& [name, text] = pair;
    if (name.starts_with("pipeline.")) name.erase(0, 9);
    if (name == "git.branch" || name == "git.tag")
        return wrong("--pipeline-value", "'" + name + "' is given by --" + name.substr(4));
    if (!config::pipeline_value(input, name)) {
        const std::string near = config::nearest(name, config::pipeline_value_names());
        return wrong("--pipeline-value", "there is no pipeline value '" + name + "' to give" +
                                             (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    const bool is_boolean = text == "true" || text == "false";
    const auto number = config::as_integer(text);
    if (name == "number" && !number) return wrong("--pipeline-value", "'number' is a whole number, not '" + text + "'");
    if (name == "git.branch.is_default" && !is_boolean)
        return wrong("--pipeline-value", "'" + name + "' is true or false, not '" + text + "'");
    if (is_boolean) {
        input.values[name] = text == "true";
    } else if (number) {
        input.values[name] = *number;
    } else {
        input.values[name] = text;
    }
    return {};
}

// What every push's pipeline has (conductor/compile_input.cpp), so that nothing on a desk lacks it: stand-ins for those
// of a project at a forge.
void add_common_values(config::CompileInput& input) {
    const std::string revision(40, '0');
    const std::string page = "https://git.example/owner/repository";
    input.values.try_emplace("number", std::int64_t{1});
    input.values.try_emplace("git.branch.is_default", input.branch == "main" || input.branch == "master");
    const std::pair<const char*, std::string> texts[] = {{"id", "00000000-0000-0000-0000-000000000000"},
                                                         {"git.revision", revision},
                                                         {"git.commit.subject", "a commit"},
                                                         {"git.commit.url", page + "/commit/" + revision},
                                                         {"git.repo_name", "repository"},
                                                         {"git.repo_owner", "owner"},
                                                         {"git.repo_url", page},
                                                         {"project.git_url", page},
                                                         {"project.slug", "gh/owner/repository"},
                                                         {"project.type", "github"},
                                                         {"trigger.received_at", "2000-01-01T00:00:00Z"},
                                                         {"trigger_source", "webhook"}};
    for (const auto& [name, text] : texts) input.values.try_emplace(name, text);
}

}  // namespace

void add_compile_options(CLI::App* app, CompileFlags& flags) {
    auto* branch = app->add_option("--branch", flags.branch, "compile as for a push to this branch");
    if (!flags.branch.empty()) branch->capture_default_str();
    app->add_option("--tag", flags.tag, "compile as for this tag");
    app->add_option("--parameter", flags.parameters, "name=value of a pipeline parameter (may be repeated)")
        ->allow_extra_args(false);
    app->add_option("--parameters", flags.parameters_file, "a JSON file with values of pipeline parameters");
    app->add_option("--pipeline-value", flags.values,
                    "name=value of a pipeline value (may be repeated); what every pipeline has is made up unless it is "
                    "given: `number` is 1")
        ->allow_extra_args(false);
    add_orb_options(app, flags.orbs);
}

Result<config::CompileInput> compile_input(const CompileFlags& flags, const std::string& file) {
    config::CompileInput input;
    input.file = file;
    input.branch = flags.tag.empty() ? flags.branch : "";
    input.tag = flags.tag;
    if (!flags.parameters_file.empty()) GYRE_TRY(read_parameters(flags.parameters_file, input));
    for (const std::string& one : flags.parameters) {
        GYRE_TRY_ASSIGN(auto pair, split("--parameter", one));
        input.parameters.erase(pair.first);
        input.parameter_texts[pair.first] = pair.second;
    }
    for (const std::string& one : flags.values) GYRE_TRY(add_value(one, input));
    add_common_values(input);
    GYRE_TRY_ASSIGN(input.orbs, orb_source(flags.orbs));
    return input;
}

}  // namespace gyre::apps
