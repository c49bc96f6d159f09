#include "apps/gyre/suggest.h"

#include "config/nearest.h"

namespace gyre::apps {

namespace {

// A word that is no command may be meant for it.
bool takes_words(const CLI::App& command) {
    return !command.get_options([](const CLI::Option* option) { return option->get_positional(); }).empty();
}

}  // namespace

std::optional<std::string> suggestion(const CLI::App& app, int argc, char** argv) {
    const CLI::App* here = &app;
    std::string said = "gyre";
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        std::vector<std::string> names;
        const CLI::App* next = nullptr;
        for (const auto* command : here->get_subcommands([](const CLI::App*) { return true; })) {
            names.push_back(command->get_name());
            if (command->get_name() == word) next = command;
        }
        if (names.empty() || word.starts_with('-')) return std::nullopt;
        if (!next && takes_words(*here)) return std::nullopt;
        if (!next) {
            const std::string near = config::nearest(word, names);
            return "there is no command '" + said + " " + word + "'" +
                   (near.empty() ? "; `" + said + " --help` lists them"
                                 : "; did you mean `" + said + " " + near + "`?");
        }
        here = next;
        said += " " + word;
    }
    return std::nullopt;
}

}  // namespace gyre::apps
