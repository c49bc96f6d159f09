#include "support/server.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <stdexcept>

#include "support/database.h"
#include "support/eventually.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits answer_limits{.bytes = 64 << 20, .depth = 64};

// The first group of `pattern` in `text`; empty when it is not there.
std::string found_in(const std::string& text, const std::string& pattern) {
    std::smatch match;
    return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
}

bool may_run(const User& user, const std::string& program) {
    return run_as({.argv = {"test", "-x", program}, .user = user, .home = "/", .directory = "/"}).exit_code == 0;
}

// The programs where the user may run them: a build below somebody's private home is copied.
std::string programs_for(const User& user, const std::string& directory) {
    const std::string built = bin_directory();
    if (may_run(user, built + "/gyre")) return built;
    const std::string copies = directory + "/bin";
    fs::create_directories(copies);
    for (const char* name : {"gyre", "gyre-agent", "gyre-injob"})
        fs::copy_file(built + "/" + name, copies + "/" + name, fs::copy_options::overwrite_existing);
    return copies;
}

bool has_flag(const std::vector<std::string>& words, const char* flag) {
    return std::find(words.begin(), words.end(), flag) != words.end();
}

// Of a command that looks into the data directory which its words name.
std::vector<std::string> named_database(const std::vector<std::string>& words) {
    const auto flag = std::find(words.begin(), words.end(), "--data-dir");
    if (flag == words.end() || flag + 1 == words.end() || has_flag(words, "--database")) return {};
    return database_environment(*(flag + 1));
}

json::value parsed(const http::Response& response, const std::string& what) {
    if (!response.ok()) throw std::runtime_error(what + ": " + std::to_string(response.status) + " " + response.body);
    if (response.body.empty()) return nullptr;
    auto value = parse_json(response.body, answer_limits);
    if (!value) throw std::runtime_error(what + ": " + value.error().message);
    return std::move(*value);
}

http::Client client_of(const std::string& url) {
    auto endpoint = http::parse_endpoint(url);
    if (!endpoint) throw std::runtime_error(endpoint.error().message);
    http::Settings settings;
    settings.body_limit = answer_limits.bytes;
    return http::Client(std::move(*endpoint), settings);
}

}  // namespace

std::string bin_directory() {
    const char* named = std::getenv("GYRE_BIN_DIR");
    return fs::absolute(named ? named : GYRE_BIN_DIR);
}

Server::Server(std::string directory, ServerSettings settings)
    : directory_(std::move(directory)), settings_(std::move(settings)), bin_(programs_for(settings_.user, directory_)) {
    fs::create_directories(data());
    if (::chown(data().c_str(), settings_.user.uid, settings_.user.gid) != 0)
        throw std::runtime_error("cannot give away " + data());
}

Server::~Server() = default;

std::vector<std::string> Server::command() const {
    const std::string socket = settings_.docker_socket.empty() ? directory_ + "/no-engine" : settings_.docker_socket;
    // A server that is started again keeps its address, as those who speak to it expect.
    const std::string listen = url_.empty() ? "127.0.0.1:0" : url_.substr(url_.find("://") + 3);
    std::vector<std::string> argv{bin_ + "/gyre", "server",          "--data-dir",      data(), "--listen", listen,
                                  "--sandbox",    settings_.sandbox, "--docker-socket", socket};
    argv.insert(argv.end(), settings_.flags.begin(), settings_.flags.end());
    return argv;
}

std::vector<std::string> Server::environment() const {
    auto environment =
        has_flag(settings_.flags, "--database") ? std::vector<std::string>() : database_environment(data());
    environment.insert(environment.end(), settings_.environment.begin(), settings_.environment.end());
    return environment;
}

void Server::start() {
    program_ = std::make_unique<Program>(ShortRun{.argv = command(),
                                                  .user = settings_.user,
                                                  .home = directory_,
                                                  .directory = directory_,
                                                  .environment = environment()},
                                         directory_ + "/server.log");
    eventually("the server says where it listens", [&] {
        if (program_->ended()) throw std::runtime_error("the server ended: " + output());
        url_ = found_in(output(), "(http://[0-9.]+:[0-9]+)");
        return !url_.empty();
    });
    const std::string printed = found_in(output(), "token[^\\n]*[ :=]([A-Za-z0-9_-]{20,})");
    if (!printed.empty()) token_ = printed;
    eventually("the server is ready", [&] {
        http::Client client = client_of(url_);
        const auto answer = client.send({.target = "/ready"});
        return answer.ok() && answer->ok();
    });
}

void Server::kill() {
    program_->signal(SIGKILL);
    program_->wait();
}

int Server::stop() {
    program_->signal(SIGTERM);
    return program_->wait();
}

std::string Server::output() const { return read_file(directory_ + "/server.log"); }

http::Response Server::call(http::Request request) const { return call(std::move(request), token_); }

http::Response Server::call(http::Request request, const std::string& token) const {
    if (!token.empty()) request.headers.push_back({"Circle-Token", token});
    http::Client client = client_of(url_);
    auto answer = client.send(request);
    if (!answer) throw std::runtime_error(request.target + ": " + answer.error().message);
    return std::move(*answer);
}

http::Response Server::download(const std::string& target, const http::BodySink& sink) const {
    http::Client client = client_of(url_);
    auto answer = client.send({.target = target, .headers = {{"Circle-Token", token_}}}, sink);
    if (!answer) throw std::runtime_error(target + ": " + answer.error().message);
    return std::move(*answer);
}

json::value Server::get(const std::string& target) const { return parsed(call({.target = target}), target); }

json::value Server::post(const std::string& target, const json::value& body) const {
    http::Request request{.method = "POST", .target = target, .headers = {{"Content-Type", "application/json"}}};
    request.text = json::serialize(body);
    return parsed(call(std::move(request)), target);
}

Finished Server::gyre(std::vector<std::string> words, const std::string& where, const std::string& input) const {
    auto environment = named_database(words);
    environment.insert(environment.end(), {"GYRE_SERVER=" + url_, "GYRE_TOKEN=" + token_});
    words.insert(words.begin(), bin_ + "/gyre");
    return run_as({.argv = std::move(words),
                   .user = settings_.user,
                   .home = directory_,
                   .directory = where.empty() ? directory_ : where,
                   .environment = std::move(environment),
                   .input = input});
}

json::value at(const json::value& value, std::string_view path) {
    const json::value* now = &value;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        const auto* object = now->if_object();
        now = object ? object->if_contains(path.substr(0, dot)) : nullptr;
        if (now == nullptr) return nullptr;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *now;
}

std::string text_at(const json::value& value, std::string_view path) {
    const auto found = at(value, path);
    return found.is_string() ? std::string(found.get_string()) : "";
}

std::int64_t number_at(const json::value& value, std::string_view path) {
    const auto found = at(value, path);
    return found.is_number() ? found.to_number<std::int64_t>() : 0;
}

}  // namespace gyre::test
