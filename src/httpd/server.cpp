#include "httpd/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/socket.h>
#include <sys/stat.h>

#include <list>
#include <thread>

#include "httpd/listener.h"

namespace gyre::httpd {
namespace {

using Local = asio::local::stream_protocol;
using boost::system::error_code;

bool somebody_listens(const std::string& path) {
    asio::io_context loop;
    Local::socket probe(loop);
    error_code failed;
    probe.connect(Local::endpoint(path), failed);
    return !failed;
}

}  // namespace

struct Server::State {
    explicit State(const ServerLimits& limits) : hub(std::make_shared<Hub>(limits)), guard(hub->loop.get_executor()) {}

    std::shared_ptr<Hub> hub;
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    std::list<std::shared_ptr<Entrance>> entrances;
    std::list<std::shared_ptr<Listener>> listeners;
    std::vector<std::string> socket_files;
    std::vector<std::thread> threads;
    bool stopped = false;

    Result<void> listen(Fd socket, const Router& router, bool local, const std::string& what) {
        if (::listen(socket.get(), SOMAXCONN) != 0) return errno_error(what);
        entrances.push_back(std::make_shared<Entrance>(router, local, hub->limits));
        listeners.push_back(std::make_shared<Listener>(hub, entrances.back(), std::move(socket)));
        return {};
    }

    std::vector<std::shared_ptr<Connection>> connections() const {
        std::vector<std::shared_ptr<Connection>> all;
        const std::lock_guard lock(hub->mutex);
        for (const auto& [key, weak] : hub->connections) {
            if (auto connection = weak.lock()) all.push_back(std::move(connection));
        }
        return all;
    }
};

Server::Server(ServerLimits limits) : state_(std::make_shared<State>(limits)) {}

Server::~Server() { stop(Duration{0}); }

Result<std::uint16_t> Server::listen_tcp(const std::string& host, std::uint16_t port, const Router& router) {
    error_code failed;
    const auto address = asio::ip::make_address(host, failed);
    if (failed) return invalid("'" + host + "' is not an address to listen on; write for example 127.0.0.1 or 0.0.0.0");
    asio::ip::tcp::endpoint end(address, port);
    const std::string what = "listening on " + host + " port " + std::to_string(port);
    GYRE_TRY_ASSIGN(Fd socket, listening_socket(end.data(), static_cast<socklen_t>(end.size()), what));
    auto size = static_cast<socklen_t>(end.capacity());
    if (::getsockname(socket.get(), end.data(), &size) != 0) return errno_error(what);
    GYRE_TRY(state_->listen(std::move(socket), router, false, what));
    return end.port();
}

Result<void> Server::listen_unix(const std::string& path, const Router& router) {
    constexpr std::size_t longest = 107;
    const std::string what = "listening on " + path;
    if (path.empty() || path.size() > longest) {
        return invalid(what + ": the path of a socket may have at most " + std::to_string(longest) + " bytes");
    }
    if (somebody_listens(path)) return conflict(what + ": another server runs there");
    ::unlink(path.c_str());
    const Local::endpoint end(path);
    GYRE_TRY_ASSIGN(Fd socket, listening_socket(end.data(), static_cast<socklen_t>(end.size()), what));
    // Nobody can connect between bind and listen, so the mode holds from the first moment.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return errno_error(what);
    GYRE_TRY(state_->listen(std::move(socket), router, true, what));
    state_->socket_files.push_back(path);
    return {};
}

Result<int> Server::room() const {
    const std::lock_guard lock(state_->hub->mutex);
    for (const auto& entrance : state_->entrances) {
        if (entrance->connections < state_->hub->limits.connections) continue;
        return unavailable("all " + std::to_string(entrance->connections) + " connections of " +
                           (entrance->local ? "the unix socket" : "the web address") + " are taken");
    }
    return static_cast<int>(state_->hub->connections.size());
}

void Server::start() {
    for (const auto& listener : state_->listeners) listener->start();
    for (int i = 0; i < state_->hub->limits.io_threads; ++i) {
        state_->threads.emplace_back([loop = &state_->hub->loop] { loop->run(); });
    }
}

void Server::stop(Duration grace) {
    auto& state = *state_;
    if (std::exchange(state.stopped, true)) return;
    auto& hub = *state.hub;
    hub.stopping = true;
    for (const auto& path : state.socket_files) ::unlink(path.c_str());
    if (!state.threads.empty()) {  // else nobody would carry out what is posted
        for (const auto& listener : state.listeners) listener->close();
        for (const auto& connection : state.connections()) connection->begin_stop();
        const auto none_left = [&] { return hub.connections.empty(); };
        std::unique_lock lock(hub.mutex);
        if (!hub.changed.wait_for(lock, grace, none_left)) {
            lock.unlock();
            for (const auto& connection : state.connections()) connection->end_now();
            lock.lock();
            hub.changed.wait(lock, none_left);
        }
    }
    state.guard.reset();
    for (auto& thread : state.threads) thread.join();
    for (const auto& entrance : state.entrances) {
        entrance->workers.join();
        entrance->outside.finish();
    }
    state.listeners.clear();
}

}  // namespace gyre::httpd
