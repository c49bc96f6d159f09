#pragma once

// The real `gyre server` with a data directory and a port of its own, its command line and its API. Errors are thrown.
// Its database is its data directory's (database.h) unless a flag names another.

#include <memory>
#include <string>
#include <vector>

#include "base/http_client.h"
#include "base/json.h"
#include "support/program.h"

namespace gyre::test {

// Where the programs under test are: $GYRE_BIN_DIR, or the build's bin/.
std::string bin_directory();

struct ServerSettings {
    User user = current_user();
    std::vector<std::string> flags = {};  // beside --data-dir, --listen, --sandbox and --docker-socket
    std::string sandbox = "host";
    std::string docker_socket = {};  // empty: no engine, whatever this machine has
    std::vector<std::string> environment = {};
};

class Server {
public:
    // `directory` is for the server's data, output and the user's home; it belongs to the user and outlives this.
    Server(std::string directory, ServerSettings settings);
    ~Server();  // kills it; agents at work live on (see leftovers.h)

    void start();  // returns when it answers; the first time, notes the administrator's token
    void kill();   // SIGKILL
    int stop();    // SIGTERM; its exit code
    void use_programs(std::string directory) { bin_ = std::move(directory); }  // of another version, from now on
    void use_flags(std::vector<std::string> flags) { settings_.flags = std::move(flags); }  // likewise
    void use_token(const std::string& token) { token_ = token; }  // of another server on the same database

    pid_t process() const { return program_ ? program_->id() : 0; }
    const std::string& url() const { return url_; }
    const std::string& token() const { return token_; }
    const std::string& directory() const { return directory_; }
    std::string data() const { return directory_ + "/data"; }
    std::string output() const;

    // REST; `target` is path and query. Anything but 2xx throws with the body.
    json::value get(const std::string& target) const;
    json::value post(const std::string& target, const json::value& body = json::object{}) const;
    // One call as it is, with the token unless `token` says another.
    http::Response call(http::Request request) const;
    http::Response call(http::Request request, const std::string& token) const;
    // Streams a body to `sink` and answers the head.
    http::Response download(const std::string& target, const http::BodySink& sink) const;

    // `gyre <words>` with this server's address and token, in `where` (default: the user's home).
    Finished gyre(std::vector<std::string> words, const std::string& where = "", const std::string& input = "") const;

private:
    std::vector<std::string> command() const;
    std::vector<std::string> environment() const;

    std::string directory_;
    ServerSettings settings_;
    std::string bin_;
    std::string url_;
    std::string token_;
    std::unique_ptr<Program> program_;
};

// A member by its dotted path ("vcs.revision"); null when it is not there.
json::value at(const json::value& value, std::string_view path);
std::string text_at(const json::value& value, std::string_view path);
std::int64_t number_at(const json::value& value, std::string_view path);

}  // namespace gyre::test
