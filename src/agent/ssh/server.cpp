#include "agent/ssh/server.h"

#include <arpa/inet.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/log.h"

namespace gyre::agent {
namespace {

std::string text_of(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return text.data() + (":" + std::to_string(ntohs(v4.sin_port)));
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    std::string host = text.data();
    constexpr std::string_view mapped = "::ffff:";
    const bool is_v4 = host.starts_with(mapped) && host.find('.') != std::string::npos;
    host = is_v4 ? host.substr(mapped.size()) : "[" + host + "]";
    return host + ":" + std::to_string(ntohs(v6.sin6_port));
}

// A guest's machine that vanished is noticed within two minutes.
void watch_the_line(int socket) {
    const auto set = [&](int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(IPPROTO_TCP, TCP_KEEPCNT, 4);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

Result<std::unique_ptr<SshServer>> SshServer::open(const SshServerSettings& settings, WayIn way, Callbacks callbacks) {
    GYRE_TRY_ASSIGN(HostKey key, host_key_at(settings.host_key));
    GYRE_TRY_ASSIGN(SshPort port, take_ssh_port(settings.address, settings.first_port, settings.last_port));
    std::unique_ptr<SshServer> server(
        new SshServer(settings, std::move(way), std::move(callbacks), std::move(port), std::move(key)));
    GYRE_TRY(server->prepare());
    return server;
}

SshServer::SshServer(SshServerSettings settings, WayIn way, Callbacks callbacks, SshPort port, HostKey key)
    : settings_(std::move(settings)),
      way_(std::move(way)),
      callbacks_(std::move(callbacks)),
      port_(std::move(port)),
      host_key_(std::move(key)),
      bind_(ssh_bind_new()),
      world_{.way = way_,
             .guests = guests_,
             .login_patience = settings_.login_patience,
             .came = [this](const Login& login) { note(login, true); },
             .left = [this](const Login& login) { note(login, false); }},
      closing_(::eventfd(0, EFD_CLOEXEC)) {}

Result<void> SshServer::prepare() {
    const bool no = false;
    // The library takes the key over when it accepts it.
    ssh_key key = ssh_key_dup(host_key_.key.get());
    const bool ready = bind_ != nullptr && key != nullptr &&
                       ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK &&
                       ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_IMPORT_KEY, key) == SSH_OK;
    if (!ready) return unavailable("the SSH library takes no host key");
    thread_ = std::thread([this] { run(); });
    return {};
}

SshServer::~SshServer() {
    ::eventfd_write(closing_.get(), 1);
    if (thread_.joinable()) thread_.join();
    connections_.lock()->clear();
    ssh_bind_free(bind_);
}

void SshServer::let_in(const std::vector<wire::SshGuest>& guests) {
    guests_.set(guests);
    for (const auto& connection : *connections_.lock()) connection->look_again();
}

void SshServer::note(const Login& login, bool came) {
    {
        const auto presence = presence_.lock();
        presence->inside += came ? 1 : -1;
        if (presence->inside == 0) presence->empty = std::chrono::steady_clock::now();
    }
    (came ? callbacks_.came : callbacks_.left)(login);
}

void SshServer::run() {
    std::array<pollfd, 2> waits{{{closing_.get(), POLLIN, 0}, {port_.listener.get(), POLLIN, 0}}};
    while (true) {
        if (::poll(waits.data(), waits.size(), -1) < 0) continue;
        if (waits[0].revents != 0) return;
        if (waits[1].revents != 0) take_one();
    }
}

void SshServer::take_one() {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Fd socket(
        ::accept4(port_.listener.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
        pollfd wait{closing_.get(), POLLIN, 0};  // some other connection must end first
        ::poll(&wait, 1, 100);
    }
    if (!socket) return;
    watch_the_line(socket.get());
    make_room();
    welcome(std::move(socket), text_of(address));
}

void SshServer::make_room() {
    Connections over;  // ended without the lock
    const auto connections = connections_.lock();
    std::size_t strangers = 0;
    for (auto at = connections->begin(); at != connections->end();) {
        const auto next = std::next(at);
        if ((*at)->is_over()) {
            over.splice(over.end(), *connections, at);
        } else if (!(*at)->is_inside()) {
            ++strangers;
        }
        at = next;
    }
    if (strangers < settings_.most_strangers) return;
    const auto oldest = std::ranges::find_if(*connections, [](const auto& one) { return !one->is_inside(); });
    if (oldest != connections->end()) over.splice(over.end(), *connections, oldest);
}

void SshServer::welcome(Fd socket, std::string from) {
    const auto connections = connections_.lock();
    const auto inside = std::ranges::count_if(*connections, [](const auto& one) { return one->is_inside(); });
    if (static_cast<std::size_t>(inside) >= settings_.most_inside) return;
    OwnedSshSession session(ssh_new());
    const bool taken = session && ssh_bind_accept_fd(bind_, session.get(), socket.get()) == SSH_OK;
    if (session && ssh_get_fd(session.get()) == socket.get()) (void)socket.release();  // the session's from here on
    if (!taken) return log::warn("ssh", "a connection could not be taken: {}", ssh_get_error(bind_));
    connections->push_back(std::make_unique<SshConnection>(std::move(session), std::move(from), world_));
}

}  // namespace gyre::agent
