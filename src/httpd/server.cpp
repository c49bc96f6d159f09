#include "httpd/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <sys/stat.h>

#include <list>
#include <thread>

#include "base/log.h"
#include "httpd/connection.h"

namespace gyre::httpd {
namespace {

using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr Duration accept_pause{100};  // when the process is out of descriptors

Error failed_to(const std::string& what, const error_code& failed) {
    return unavailable(what + ": " + failed.message());
}

std::string peer_of(const asio::basic_stream_socket<Tcp, Strand>& socket) {
    error_code failed;
    const auto end = socket.remote_endpoint(failed);
    return failed ? std::string() : end.address().to_string();
}
std::string peer_of(const asio::basic_stream_socket<Local, Strand>& /*socket*/) { return "unix"; }

void prepare(asio::basic_stream_socket<Tcp, Strand>& socket) {
    error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
}
void prepare(asio::basic_stream_socket<Local, Strand>& /*socket*/) {}

template <typename Socket>
void turn_away(Socket& socket) {
    static constexpr std::string_view text =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 41\r\nretry-after: 1\r\n"
        "connection: close\r\n\r\n{\"message\":\"Too many open connections.\"}\n";
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(Socket::shutdown_both, ignored);
}

struct ListenerBase {
    virtual ~ListenerBase() = default;
    virtual void start() = 0;
    virtual void close() = 0;
};

template <typename Protocol>
struct Listener final : ListenerBase, std::enable_shared_from_this<Listener<Protocol>> {
    Listener(std::shared_ptr<Hub> to, const Router& given)
        : hub(std::move(to)), router(given), turns(asio::make_strand(hub->loop)), acceptor(turns), pause(turns) {}

    void start() override {
        asio::post(turns, [self = this->shared_from_this()] { self->accept(); });
    }
    void close() override {
        asio::post(turns, [self = this->shared_from_this()] {
            error_code ignored;
            self->acceptor.close(ignored);
            self->pause.cancel();
        });
    }

    void accept() {
        if (!acceptor.is_open()) return;
        acceptor.async_accept(asio::make_strand(hub->loop),
                              [self = this->shared_from_this()](const error_code& failed, auto socket) {
                                  if (failed == asio::error::operation_aborted) return;
                                  if (failed) return self->accept_later(failed);
                                  self->take(std::move(socket));
                                  self->accept();
                              });
    }

    void accept_later(const error_code& failed) {
        log::warn("http", "accepting a connection: {}", failed.message());
        pause.expires_after(accept_pause);
        pause.async_wait([self = this->shared_from_this()](const error_code&) { self->accept(); });
    }

    template <typename Socket>
    void take(Socket socket) {
        if (hub->stopping || hub->count() >= static_cast<std::size_t>(hub->limits.connections)) {
            turn_away(socket);
            return;
        }
        prepare(socket);
        std::string peer = peer_of(socket);
        const bool local = std::is_same_v<Protocol, Local>;
        std::make_shared<Connection>(hub, StreamSocket(std::move(socket)), router, std::move(peer), local)->run();
    }

    std::shared_ptr<Hub> hub;
    const Router& router;
    Strand turns;
    asio::basic_socket_acceptor<Protocol, Strand> acceptor;
    asio::steady_timer pause;
};

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
    std::list<std::shared_ptr<ListenerBase>> listeners;
    std::vector<std::string> socket_files;
    std::vector<std::thread> threads;
    bool stopped = false;

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
    const Tcp::endpoint end(address, port);
    const std::string what = "listening on " + host + " port " + std::to_string(port);
    auto listener = std::make_shared<Listener<Tcp>>(state_->hub, router);
    listener->acceptor.open(end.protocol(), failed);
    if (!failed) listener->acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) listener->acceptor.bind(end, failed);
    if (!failed) listener->acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return failed_to(what, failed);
    const auto taken = listener->acceptor.local_endpoint(failed).port();
    state_->listeners.push_back(std::move(listener));
    return taken;
}

Result<void> Server::listen_unix(const std::string& path, const Router& router) {
    constexpr std::size_t longest = 107;
    const std::string what = "listening on " + path;
    if (path.empty() || path.size() > longest) {
        return invalid(what + ": the path of a socket may have at most " + std::to_string(longest) + " bytes");
    }
    if (somebody_listens(path)) return conflict(what + ": another server runs there");
    ::unlink(path.c_str());
    error_code failed;
    auto listener = std::make_shared<Listener<Local>>(state_->hub, router);
    listener->acceptor.open(Local(), failed);
    if (!failed) listener->acceptor.bind(Local::endpoint(path), failed);
    if (failed) return failed_to(what, failed);
    // Nobody can connect between bind and listen, so the mode holds from the first moment.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return errno_error(what);
    listener->acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return failed_to(what, failed);
    state_->socket_files.push_back(path);
    state_->listeners.push_back(std::move(listener));
    return {};
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
    hub.workers.join();
    state.listeners.clear();
}

}  // namespace gyre::httpd
