#include "apps/gyre/api_client.h"

#include <cstdlib>

#include "apps/gyre/settings_file.h"
#include "apps/gyre/text_file.h"

namespace gyre::apps {
namespace {

constexpr const char* default_server = "http://127.0.0.1:8080";
constexpr std::size_t longest_token = 4096;
constexpr JsonLimits answer_limits{.bytes = 64 << 20, .depth = 64};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

Error failed_answer(const http::Response& response) {
    auto body = parse_json(response.body, answer_limits);
    std::string message = "the server answered " + std::to_string(response.status);
    if (body && body->is_object() && body->as_object().contains("message") && body->at("message").is_string()) {
        message = std::string(body->at("message").as_string());
    }
    if (response.status == 401)
        return denied(message + " (token missing or wrong: `gyre login` stores one, or set GYRE_TOKEN)");
    if (response.status == 404) return not_found(message);
    if (response.status == 409) return conflict(message);
    if (response.status >= 500) return unavailable(message);
    return invalid(message);
}

}  // namespace

Result<std::string> cli_settings_file() {
    const std::string named = environment("GYRE_CLI_CONFIG");
    if (!named.empty()) return named;
    const std::string base = environment("XDG_CONFIG_HOME");
    if (!base.empty()) return base + "/gyre/cli.toml";
    const std::string home = environment("HOME");
    if (!home.empty()) return home + "/.config/gyre/cli.toml";
    return invalid("nobody knows where this user's files are: set HOME, or GYRE_CLI_CONFIG to the file to use");
}

Result<ServerAddress> find_server(const AddressFlags& flags) {
    ServerAddress address{flags.server, environment("GYRE_TOKEN")};
    if (!flags.token_file.empty()) {
        GYRE_TRY_ASSIGN(address.token, read_first_line(flags.token_file, longest_token));
    }
    if (address.server.empty()) address.server = environment("GYRE_SERVER");
    const auto file = cli_settings_file();  // without one nothing is stored
    const auto stored = file ? read_settings_file(*file) : std::map<std::string, std::string>();
    if (!stored && stored.error().fault != Fault::not_found) return stored.error();
    const auto stored_value = [&](const char* key) {
        if (!stored) return std::string();
        const auto found = stored->find(key);
        return found == stored->end() ? std::string() : found->second;
    };
    // A stored token belongs to the stored server: it is not shown to another one.
    const std::string stored_server = stored_value("server");
    if (address.server.empty()) address.server = stored_server.empty() ? default_server : stored_server;
    if (address.token.empty() && address.server == stored_server) address.token = stored_value("token");
    return address;
}

Result<ApiClient> ApiClient::to(const ServerAddress& address) {
    GYRE_TRY_ASSIGN(http::Endpoint endpoint, http::parse_endpoint(address.server));
    http::Settings settings;
    settings.body_limit = answer_limits.bytes;
    return ApiClient(http::Client(std::move(endpoint), settings), address.token);
}

http::Request ApiClient::request(const std::string& method, const std::string& target) const {
    http::Request request{.method = method, .target = target};
    request.headers.push_back({"Accept", "application/json"});
    if (!token_.empty()) request.headers.push_back({"Circle-Token", token_});
    return request;
}

Result<json::value> ApiClient::get(const std::string& target) {
    GYRE_TRY_ASSIGN(const auto response, client_.send(request("GET", target)));
    if (!response.ok()) return failed_answer(response);
    return parse_json(response.body, answer_limits);
}

Result<json::value> ApiClient::post(const std::string& target, const json::value& body) {
    auto sent = request("POST", target);
    sent.headers.push_back({"Content-Type", "application/json"});
    sent.text = json::serialize(body);
    sent.repeatable = false;
    sent.patience = std::chrono::minutes{3};  // a trigger fetches from the remote
    GYRE_TRY_ASSIGN(const auto response, client_.send(sent));
    if (!response.ok()) return failed_answer(response);
    if (response.body.empty()) return json::value(nullptr);
    return parse_json(response.body, answer_limits);
}

Result<json::value> ApiClient::patch(const std::string& target, const json::value& body) {
    return replace("PATCH", target, body);
}

Result<json::value> ApiClient::put(const std::string& target, const json::value& body) {
    return replace("PUT", target, body);
}

Result<json::value> ApiClient::replace(const std::string& method, const std::string& target, const json::value& body) {
    auto sent = request(method, target);
    sent.headers.push_back({"Content-Type", "application/json"});
    sent.text = json::serialize(body);
    GYRE_TRY_ASSIGN(const auto response, client_.send(sent));
    if (!response.ok()) return failed_answer(response);
    return parse_json(response.body, answer_limits);
}

Result<json::value> ApiClient::remove(const std::string& target) {
    GYRE_TRY_ASSIGN(const auto response, client_.send(request("DELETE", target)));
    if (!response.ok()) return failed_answer(response);
    if (response.body.empty()) return json::value(nullptr);
    return parse_json(response.body, answer_limits);
}

Result<void> ApiClient::stream(const std::string& target, const std::function<Result<void>(std::string_view)>& sink) {
    auto sent = request("GET", target);
    sent.patience = std::chrono::hours{24};
    GYRE_TRY_ASSIGN(const auto response, client_.send(sent, sink));
    if (!response.ok()) return failed_answer(response);
    return {};
}

}  // namespace gyre::apps
