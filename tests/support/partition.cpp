#include "support/partition.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace gyre::test {
namespace {

constexpr std::size_t most_on_its_way = 1 << 20;  // bytes; more are not read until some are passed on

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

// False at the end of the stream.
bool read_some(const Fd& from, std::string& to) {
    std::array<char, 65536> bytes{};
    const auto got = ::recv(from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) to.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

bool write_some(const Fd& to, std::string& bytes) {
    const auto sent = ::send(to.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) bytes.erase(0, static_cast<std::size_t>(sent));
    return sent > 0 || (sent < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace

Partition::Partition(std::string socket)
    : socket_(std::move(socket)),
      servers_(socket_ + "-behind"),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    std::filesystem::rename(socket_, servers_);
    const auto address = address_of(socket_);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 64) != 0)
        throw std::runtime_error("cannot listen at " + socket_);
    thread_ = std::thread([this] { run(); });
}

Partition::~Partition() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
    std::error_code failed;
    std::filesystem::rename(servers_, socket_, failed);
}

bool Partition::knows(pid_t agent) {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : connections_) {
        if (connection.agent_process == agent) return true;
    }
    return false;
}

void Partition::cut(pid_t agent) {
    const std::lock_guard lock(mutex_);
    cut_.insert(agent);
}

void Partition::heal() {
    {
        const std::lock_guard lock(mutex_);
        cut_.clear();
    }
    ::eventfd_write(wake_.get(), 1);
}

std::vector<int> Partition::late_answers() {
    const std::lock_guard lock(mutex_);
    std::vector<int> statuses;
    constexpr std::string_view start = "HTTP/1.1 ";
    for (auto at = late_.find(start); at != std::string::npos; at = late_.find(start, at + 1))
        statuses.push_back(std::atoi(late_.c_str() + at + start.size()));
    return statuses;
}

void Partition::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        std::vector<pollfd> waiting{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
        const auto watch = [&](const Fd& end, bool ended, const std::string& taken, const std::string& given,
                               bool cut) {
            short events = 0;
            if (!ended && (cut || taken.size() < most_on_its_way)) events |= POLLIN;
            if (!cut && !given.empty()) events |= POLLOUT;
            if (end && events != 0) waiting.push_back({end.get(), events, 0});
        };
        for (const auto& one : connections_) {
            watch(one.agent, one.agent_ended, one.to_server, one.to_agent, is_cut(one));
            watch(one.server, one.server_ended, one.to_agent, one.to_server, is_cut(one));
        }
        lock.unlock();
        ::poll(waiting.data(), waiting.size(), -1);
        lock.lock();
        eventfd_t ignored = 0;
        ::eventfd_read(wake_.get(), &ignored);
        if (waiting[0].revents != 0) let_in();
        for (auto& connection : connections_) {
            receive(connection);
            if (is_cut(connection)) {
                connection.was_held = true;
            } else {
                pass_on(connection);
            }
        }
        connections_.remove_if([this](const auto& one) { return is_over(one); });
    }
}

void Partition::let_in() {
    Connection made;
    made.agent = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!made.agent || ::getsockopt(made.agent.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
    made.agent_process = peer.pid;
    connections_.push_back(std::move(made));
}

void Partition::connect(Connection& connection) {
    connection.server = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = address_of(servers_);
    connection.server_ended =
        ::connect(connection.server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
}

void Partition::receive(Connection& connection) {
    if (!connection.agent_ended) connection.agent_ended = !read_some(connection.agent, connection.to_server);
    if (!connection.server || connection.server_ended) return;
    const auto before = connection.to_agent.size();
    connection.server_ended = !read_some(connection.server, connection.to_agent);
    if (connection.was_held && !is_cut(connection)) late_ += connection.to_agent.substr(before);
}

void Partition::pass_on(Connection& connection) {
    // What was held while the server lost patience with the connection comes by a new one.
    const bool again = connection.was_held && connection.server_ended && !connection.to_server.empty();
    if (!connection.server || (again && !std::exchange(connection.tried_again, true))) connect(connection);
    if (!connection.to_server.empty() && !connection.server_ended)
        connection.server_ended = !write_some(connection.server, connection.to_server);
    if (!connection.to_agent.empty() && !connection.agent_ended)
        connection.agent_ended = !write_some(connection.agent, connection.to_agent);
    if (connection.agent_ended && connection.to_server.empty()) ::shutdown(connection.server.get(), SHUT_WR);
    if (connection.server_ended && connection.to_agent.empty()) ::shutdown(connection.agent.get(), SHUT_WR);
}

bool Partition::is_over(const Connection& connection) const {
    if (is_cut(connection)) return false;
    return connection.server_ended && (connection.to_agent.empty() || connection.agent_ended);
}

}  // namespace gyre::test
