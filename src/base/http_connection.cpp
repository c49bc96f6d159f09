#include "base/http_connection.h"

#include <boost/asio/error.hpp>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace gyre::http {
namespace {

using boost::system::error_code;

error_code from_errno(int number) { return {number, boost::system::system_category()}; }

// What a closed connection reports depends on timing; callers need one word for it.
error_code closed() { return boost::asio::error::connection_reset; }

int poll_time(std::chrono::milliseconds span) {
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(span.count(), 0, INT_MAX));
}

void set_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

Error failure(const Endpoint& endpoint, const std::string& why) {
    return unavailable("connecting to " + endpoint.text() + ": " + why);
}

bool means_refused(int number) { return number == ECONNREFUSED || number == ENOENT; }

Result<Fd> open_unix(const Endpoint& endpoint, const Settings& settings, bool& refused) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (endpoint.unix_path.size() >= sizeof address.sun_path) {
        return invalid("the socket path is too long (limit " + std::to_string(sizeof address.sun_path - 1) +
                       " bytes): " + endpoint.unix_path);
    }
    std::memcpy(address.sun_path, endpoint.unix_path.data(), endpoint.unix_path.size());
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return errno_error("making a socket");
    // A full backlog makes connect wait; the send timeout bounds that.
    const auto span = settings.connect_patience.count();
    timeval patience{static_cast<time_t>(span / 1000), static_cast<suseconds_t>(span % 1000 * 1000)};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        refused = means_refused(errno);
        return failure(endpoint, errno == EAGAIN ? "timed out" : std::strerror(errno));
    }
    set_non_blocking(socket.get());
    return socket;
}

// 0, or the errno of the failure.
int connect_within(int socket, const addrinfo& address, std::chrono::milliseconds patience, int cancel) {
    if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    std::array<pollfd, 2> waiting{{{socket, POLLOUT, 0}, {cancel, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), poll_time(patience)) <= 0) return ETIMEDOUT;
    if (waiting[0].revents == 0) return ECANCELED;
    int number = 0;
    socklen_t size = sizeof number;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size);
    return number;
}

Result<Fd> open_tcp(const Endpoint& endpoint, const Settings& settings, bool& refused) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &wanted, &found);
    if (failed != 0) return failure(endpoint, ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    int last = EADDRNOTAVAIL;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        Fd socket(
            ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol));
        if (!socket) continue;
        last = connect_within(socket.get(), *address, settings.connect_patience, settings.cancel);
        if (last != 0) continue;
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        return socket;
    }
    refused = last == ECONNREFUSED;
    return failure(endpoint, std::strerror(last));
}

}  // namespace

Result<Connection> Connection::open(const Endpoint& endpoint, const Settings& settings, bool& refused) {
    refused = false;
    GYRE_TRY_ASSIGN(
        Fd socket, endpoint.is_unix() ? open_unix(endpoint, settings, refused) : open_tcp(endpoint, settings, refused));
    return Connection(std::move(socket), settings);
}

bool Connection::is_stale() const {
    pollfd waiting{socket_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) != 0;
}

error_code Connection::wait(short events, short& got) const {
    std::array<pollfd, 2> waiting{{{socket_.get(), events, 0}, {cancel_, POLLIN, 0}}};
    while (true) {
        const int ready = ::poll(waiting.data(), waiting.size(), poll_time(patience_));
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return from_errno(errno);
        if (ready == 0) return boost::asio::error::timed_out;
        if (waiting[1].revents != 0) return boost::asio::error::operation_aborted;
        got = waiting[0].revents;
        return {};
    }
}

bool Connection::wait_to_write(error_code& failed) {
    short got = 0;
    failed = wait(POLLOUT | POLLIN, got);
    if (failed) return false;
    if ((got & (POLLIN | POLLHUP | POLLERR)) != 0) answered_early_ = true;
    return !answered_early_;
}

error_code Connection::write(std::string_view first, std::string_view second) {
    answered_early_ = false;
    while (!first.empty() || !second.empty()) {
        std::array<iovec, 2> parts{
            {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const auto sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) {
            error_code failed;
            if (!wait_to_write(failed)) return failed;
            continue;
        }
        if (sent < 0) return errno == EPIPE ? closed() : from_errno(errno);
        const auto count = static_cast<std::size_t>(sent);
        const std::size_t of_first = std::min(count, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(count - of_first);
    }
    return {};
}

error_code Connection::write_file(int file, std::int64_t offset, std::int64_t length) {
    answered_early_ = false;
    off_t at = offset;
    while (length > 0) {
        const auto sent =
            ::sendfile(socket_.get(), file, &at, static_cast<std::size_t>(std::min<std::int64_t>(length, 1 << 20)));
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) {
            error_code failed;
            if (!wait_to_write(failed)) return failed;
            continue;
        }
        if (sent < 0) return errno == EPIPE ? closed() : from_errno(errno);
        if (sent == 0) return from_errno(EIO);  // the file is shorter than was promised in Content-Length
        length -= sent;
    }
    return {};
}

std::size_t Connection::read_into(void* bytes, std::size_t size, error_code& failed) {
    while (true) {
        const auto got = ::recv(socket_.get(), bytes, size, 0);
        if (got > 0) {
            failed = {};
            return static_cast<std::size_t>(got);
        }
        if (got == 0) {
            failed = boost::asio::error::eof;
            return 0;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) {
            failed = from_errno(errno);
            return 0;
        }
        short events = 0;
        failed = wait(POLLIN, events);
        if (failed) return 0;
    }
}

}  // namespace gyre::http
