#include "agent/ssh/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace gyre::agent {
namespace {

constexpr int backlog = 64;

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    bool both = false;  // IPv6 for all, IPv4 as well
};

Result<Address> parse(const std::string& text) {
    Address address;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        address.size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        address.size = sizeof *v6;
    } else {
        return invalid("'" + text + "' is no address to listen at");
    }
    return address;
}

void set_port(Address& address, int number) {
    const auto port = htons(static_cast<std::uint16_t>(number));
    if (address.bytes.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&address.bytes)->sin_port = port;
    if (address.bytes.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&address.bytes)->sin6_port = port;
}

// Empty: the port is taken.
Result<Fd> listen_at(const Address& address) {
    Fd socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return errno_error("making a socket");
    const int yes = 1;
    const int only = address.both ? 0 : 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address.bytes.ss_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    const bool listens = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0 &&
                         ::listen(socket.get(), backlog) == 0;
    if (listens) return socket;
    if (errno == EADDRINUSE || errno == EACCES) return Fd();
    return errno_error("listening for SSH");
}

// "::" takes IPv4 in, too; some machines have no IPv6.
std::string everywhere() {
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const bool has_v6 = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
    return has_v6 ? "::" : "0.0.0.0";
}

}  // namespace

Result<SshPort> take_ssh_port(const std::string& address, int first, int last) {
    if (first < 1 || last > 65'535 || first > last) return invalid("there are no ports in the range for SSH");
    GYRE_TRY_ASSIGN(Address parsed, parse(address.empty() ? everywhere() : address));
    parsed.both = address.empty();
    for (int number = first; number <= last; ++number) {
        set_port(parsed, number);
        GYRE_TRY_ASSIGN(Fd listener, listen_at(parsed));
        if (listener) return SshPort{std::move(listener), number};
    }
    return unavailable("all ports from " + std::to_string(first) + " to " + std::to_string(last) +
                       " of this machine are taken: widen ssh_ports, or wait until other jobs with SSH have ended");
}

}  // namespace gyre::agent
