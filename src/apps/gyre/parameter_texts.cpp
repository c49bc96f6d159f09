#include "apps/gyre/parameter_texts.h"

#include "base/utf8.h"

namespace gyre::apps {

void add_parameter_option(CLI::App* app, std::vector<std::string>& parameters) {
    app->add_option("--parameter", parameters,
                    "NAME=VALUE for a parameter that the config declares, which says its type; may be repeated")
        ->allow_extra_args(false);
}

Result<std::map<std::string, std::string>> parameter_texts(const std::vector<std::string>& parameters) {
    std::map<std::string, std::string> texts;
    for (const auto& parameter : parameters) {
        const auto equals = parameter.find('=');
        if (equals == std::string::npos || equals == 0)
            return invalid("--parameter takes NAME=VALUE, not '" + parameter + "'");
        const auto name = escaped_utf8(parameter.substr(0, equals));
        if (!texts.emplace(name, escaped_utf8(parameter.substr(equals + 1))).second)
            return invalid("--parameter " + name + " is given twice");
    }
    return texts;
}

}  // namespace gyre::apps
