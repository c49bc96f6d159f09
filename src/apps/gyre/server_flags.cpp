#include "apps/gyre/server_flags.h"

#include <algorithm>

namespace gyre::apps {

void add_setting_flags(CLI::App* app, ServerFlags& flags) {
    app->add_option("--config", flags.config_file, "settings file (default: $GYRE_CONFIG or /etc/gyre/gyre.toml)");
    for (const auto& setting : setting_helps()) {
        std::string flag = "--" + setting.name;
        std::replace(flag.begin(), flag.end(), '_', '-');
        app->add_option(flag, flags.values[setting.name], setting.help)->group("Settings");
    }
}

SettingsSources sources_of(const ServerFlags& flags) {
    SettingsSources sources{.file = flags.config_file.empty() ? default_settings_file() : flags.config_file,
                            .flags = {}};
    for (const auto& [name, value] : flags.values) {
        if (!value.empty()) sources.flags.emplace(name, value);
    }
    return sources;
}

}  // namespace gyre::apps
