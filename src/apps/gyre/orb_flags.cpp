#include "apps/gyre/orb_flags.h"

#include <filesystem>

#include "apps/gyre/orb_directory.h"

namespace gyre::apps {

void add_orb_options(CLI::App* app, OrbFlags& flags) {
    app->add_option("--orb-dir", flags.directory,
                    "where orbs are: DIR/namespace/name/VERSION.yml, or DIR/namespace/name.yml for any version");
    auto* of_server = app->add_flag("--server-orbs", flags.of_server, "ask the server for orbs (gyre orb list)");
    app->add_option("--server", flags.address.server,
                    "URL or unix socket of the server (also GYRE_SERVER, `gyre login`)")
        ->needs(of_server)
        ->group("Server");
    app->add_option("--token-file", flags.address.token_file,
                    "file with the API token in its first line (also GYRE_TOKEN)")
        ->needs(of_server)
        ->group("Server");
}

Result<config::OrbSource> orb_source(const OrbFlags& flags) {
    std::error_code failed;
    if (!flags.directory.empty() && !std::filesystem::is_directory(flags.directory, failed)) {
        return Error{Fault::invalid, "--orb-dir: " + flags.directory + " is no directory"};
    }
    if (!flags.of_server) return orbs_in(flags.directory);
    GYRE_TRY_ASSIGN(const ServerAddress address, find_server(flags.address));
    GYRE_TRY_ASSIGN(ApiClient client, ApiClient::to(address));
    auto server = orbs_of_server(std::make_shared<ApiClient>(std::move(client)), flags.trouble);
    return flags.directory.empty() ? server : either(orbs_in(flags.directory), std::move(server));
}

Result<void> check_server_answered(const OrbFlags& flags) {
    if (*flags.trouble) return **flags.trouble;
    return {};
}

}  // namespace gyre::apps
