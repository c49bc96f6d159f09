#pragma once

// The command line's way to a server: address and token from --server / --token-file, GYRE_SERVER / GYRE_TOKEN, or the
// file that `gyre login` wrote (~/.config/gyre/cli.toml), in this order. The token travels in a header, never in a URL
// or argument. Not thread-safe.

#include <functional>
#include <memory>
#include <string>

#include "base/http_client.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::apps {

struct ServerAddress {
    std::string server;  // "http://127.0.0.1:8080" or "unix:/path"
    std::string token;
};

struct AddressFlags {
    std::string server;
    std::string token_file;
};

// Where `gyre login` stores what it was told. `invalid`: the environment does not say where.
Result<std::string> cli_settings_file();
Result<ServerAddress> find_server(const AddressFlags& flags);

class ApiClient {
public:
    static Result<ApiClient> to(const ServerAddress& address);

    ApiClient another() const {
        return ApiClient(http::Client(client_.endpoint()), token_);
    }  // a connection of its own

    Result<json::value> get(const std::string& target);
    Result<json::value> post(const std::string& target, const json::value& body);
    Result<json::value> put(const std::string& target, const json::value& body);
    Result<json::value> patch(const std::string& target, const json::value& body);
    Result<json::value> remove(const std::string& target);
    // Streams the body of a GET as it comes.
    Result<void> stream(const std::string& target, const std::function<Result<void>(std::string_view)>& sink);

private:
    ApiClient(http::Client client, std::string token) : client_(std::move(client)), token_(std::move(token)) {}
    // May be sent again when the answer was lost.
    Result<json::value> replace(const std::string& method, const std::string& target, const json::value& body);
    http::Request request(const std::string& method, const std::string& target) const;

    http::Client client_;
    std::string token_;
};

}  // namespace gyre::apps
