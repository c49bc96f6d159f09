#include "support/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace gyre::test {
namespace {

union Address {
    sockaddr any;
    sockaddr_in internet;
    sockaddr_un local;
};

std::pair<Address, socklen_t> local_address(const std::string& path) {
    Address address{};
    address.local = {};
    address.local.sun_family = AF_UNIX;
    std::strncpy(address.local.sun_path, path.c_str(), sizeof address.local.sun_path - 1);
    return {address, sizeof address.local};
}

std::pair<Address, socklen_t> loopback(int port) {
    Address address{};
    address.internet = {};
    address.internet.sin_family = AF_INET;
    address.internet.sin_port = htons(static_cast<std::uint16_t>(port));
    address.internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return {address, sizeof address.internet};
}

int port_of(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

}  // namespace

Tap::Tap(std::string server) : server_(std::move(server)), stopped_(::eventfd(0, EFD_CLOEXEC)) {
    listener_ = Fd(::socket(is_unix() ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (is_unix()) {
        behind_ = server_ + "-behind";
        std::filesystem::rename(server_, behind_);
    }
    auto [address, size] = is_unix() ? local_address(server_) : loopback(0);
    if (::bind(listener_.get(), &address.any, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), &address.any, &size) != 0)
        throw std::runtime_error("cannot listen in place of " + server_);
    address_ = is_unix() ? server_ : "http://127.0.0.1:" + std::to_string(ntohs(address.internet.sin_port));
}

Tap::~Tap() {
    std::error_code failed;
    if (is_unix()) std::filesystem::rename(behind_, server_, failed);
}

Fd Tap::let_in() {
    std::array<pollfd, 2> waiting{{{listener_.get(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}}};
    while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
    }
    if (waiting[1].revents != 0) return Fd();
    return Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

Fd Tap::connect() const {
    Fd made(::socket(is_unix() ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto [address, size] = is_unix() ? local_address(behind_) : loopback(port_of(server_));
    return ::connect(made.get(), &address.any, size) == 0 ? std::move(made) : Fd();
}

void Tap::stop() { ::eventfd_write(stopped_.get(), 1); }

bool send_all(const Fd& to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string receive(const Fd& from) {
    std::string bytes(65536, '\0');
    ssize_t got = -1;
    do got = ::recv(from.get(), bytes.data(), bytes.size(), 0);
    while (got < 0 && errno == EINTR);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

}  // namespace gyre::test
