#include "apps/gyre/cli.h"

#include <fmt/format.h>

#include "apps/gyre/setting_forms.h"
#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"

namespace gyre::apps {

int exit_code_of(const Error& error) {
    switch (error.fault) {
        case Fault::invalid:
            return exit_usage;
        case Fault::too_large:
            return exit_usage;
        case Fault::conflict:
            return exit_failed;
        case Fault::not_found:
            return 3;
        case Fault::denied:
            return 4;
        case Fault::unavailable:
            return 5;
        case Fault::corrupt:
            return 5;
    }
    return exit_failed;
}

void Cli::on(CLI::App* app, std::function<Result<int>()> command) {
    app->callback([this, app, command = std::move(command)] {
        if (!app->get_subcommands().empty()) return;  // which has said what to do
        chosen = [command] {
            const auto done = command();
            if (done) return *done;
            fmt::print(stderr, "gyre: {}\n", terminal_text(done.error().message));
            return exit_code_of(done.error());
        };
    });
}

Result<ApiClient> Cli::client() const {
    GYRE_TRY_ASSIGN(const ServerAddress found, find_server(address));
    return ApiClient::to(found);
}

bool Cli::printed(const json::value& value) const {
    if (as_json) fmt::print("{}\n", json::serialize(value));
    return as_json;
}

void add_server_options(CLI::App* app, Cli& cli) {
    app->add_option("--server", cli.address.server, "URL or unix socket of the server (also GYRE_SERVER, `gyre login`)")
        ->group("Server");
    app->add_option("--token-file", cli.address.token_file,
                    "file with the API token in its first line (also GYRE_TOKEN)")
        ->group("Server");
    app->add_flag("--json", cli.as_json, "print JSON for programs");
}

void add_engine_option(CLI::App* command, std::string& docker_socket) {
    command
        ->add_option("--docker-socket", docker_socket,
                     "unix socket of Docker or Podman (default: looked for; none: images are run without an engine)")
        ->check([](const std::string& given) {
            const auto fine = check_engine(given);
            return fine ? std::string() : fine.error().message;
        });
}

void add_gpu_option(CLI::App* command, std::string& cdi_directories) {
    command
        ->add_option("--cdi-directories", cdi_directories,
                     "where this machine's GPUs are described, with colons between")
        ->capture_default_str();
}

void add_fingerprint_option(CLI::App* command, std::string& fingerprint) {
    command->add_option("fingerprint", fingerprint, "MD5 (aa:bb:...) or SHA256:...")
        ->required()
        ->check([](const std::string& given) {
            return given.empty() ? "a key is named by its fingerprint, MD5 (aa:bb:...) or SHA256:..., not by nothing"
                                 : "";
        });
}

std::string text_of(const json::value& object, std::string_view key) {
    const auto* map = object.if_object();
    const auto* value = map ? map->if_contains(key) : nullptr;
    return value && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number_of(const json::value& object, std::string_view key) {
    const auto* map = object.if_object();
    const auto* value = map ? map->if_contains(key) : nullptr;
    if (!value || !value->is_number()) return 0;
    json::error_code failed;
    const auto number = value->to_number<std::int64_t>(failed);
    return failed ? 0 : number;
}

json::array items_of(const json::value& answer) {
    if (answer.is_array()) return answer.get_array();
    const auto* object = answer.if_object();
    const auto* items = object ? object->if_contains("items") : nullptr;
    return items && items->is_array() ? items->get_array() : json::array{};
}

}  // namespace gyre::apps
