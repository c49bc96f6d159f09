#include "httpd/listener.h"

#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace gyre::httpd {
namespace {

using boost::system::error_code;

constexpr Duration accept_pause{100};  // when the process is out of descriptors

// The address alone; of a unix socket, whose kernel knows more, the process that connected.
std::string peer_of(const sockaddr_storage& from, const Fd& socket) {
    char text[INET6_ADDRSTRLEN] = "";
    if (from.ss_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof text);
    } else if (from.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, text, sizeof text);
    } else {
        ucred other{};
        socklen_t size = sizeof other;
        if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &other, &size) != 0) return "unix";
        return "unix:" + std::to_string(other.pid);
    }
    return text;
}

void turn_away(const Fd& socket) {
    static constexpr std::string_view text =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 41\r\nretry-after: 1\r\n"
        "connection: close\r\n\r\n{\"message\":\"Too many open connections.\"}\n";
    (void)::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket.get(), SHUT_RDWR);
}

}  // namespace

Result<Fd> listening_socket(const sockaddr* address, socklen_t size, const std::string& what) {
    Fd socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    const bool tcp = address->sa_family != AF_UNIX;
    if (!socket || (tcp && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) ||
        ::bind(socket.get(), address, size) != 0) {
        return errno_error(what);
    }
    return socket;
}

Listener::Listener(std::shared_ptr<Hub> hub, std::shared_ptr<Entrance> entrance, Fd socket)
    : hub_(std::move(hub)),
      entrance_(std::move(entrance)),
      turns_(asio::make_strand(hub_->loop)),
      socket_(turns_, socket.release()),
      pause_(turns_) {}

void Listener::start() {
    asio::post(turns_, [self = shared_from_this()] { self->await_one(); });
}

void Listener::close() {
    asio::post(turns_, [self = shared_from_this()] {
        error_code ignored;
        self->socket_.close(ignored);
        self->pause_.cancel();
    });
}

void Listener::await_one() {
    if (!socket_.is_open()) return;
    socket_.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](const error_code& failed) {
        if (!failed) self->accept_all();
    });
}

void Listener::accept_all() {
    while (socket_.is_open()) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        Fd taken(::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                           SOCK_CLOEXEC | SOCK_NONBLOCK));
        const int why = errno;
        if (taken) {
            take(std::move(taken), from);
        } else if (why == EAGAIN) {
            return await_one();
        } else if (why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM) {
            return accept_later(why);
        }  // else it is the trouble of that one connection, which is gone
    }
}

void Listener::accept_later(int why) {
    log::warn("http", "accepting a connection: {}", std::strerror(why));
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](const error_code&) { self->await_one(); });
}

void Listener::take(Fd socket, const sockaddr_storage& from) {
    if (hub_->stopping || !hub_->has_room(*entrance_)) return turn_away(socket);
    const int family = entrance_->local ? AF_UNIX : from.ss_family;
    const int yes = 1;
    if (!entrance_->local) (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    StreamSocket stream(asio::make_strand(hub_->loop));
    error_code failed;
    stream.assign(asio::generic::stream_protocol(family, entrance_->local ? 0 : IPPROTO_TCP), socket.get(), failed);
    if (failed) return;
    std::string peer = peer_of(from, socket);
    (void)socket.release();
    std::make_shared<Connection>(hub_, entrance_, std::move(stream), std::move(peer))->run();
}

}  // namespace gyre::httpd
