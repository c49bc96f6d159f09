#include "support/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "support/eventually.h"

namespace gyre::test {

Gate::Gate() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), generic, &size) != 0)
        throw std::runtime_error("cannot listen on the loopback interface");
    port_ = ntohs(address.sin_port);
}

std::string Gate::command(const std::string& visitor) const {
    return "exec 9<>/dev/tcp/127.0.0.1/" + std::to_string(port_) + "; echo " + visitor +
           " >&9; read -r GATE <&9; exec 9>&-";
}

void Gate::let_in(int patience_ms) {
    pollfd entry{listener_.get(), POLLIN, 0};
    if (::poll(&entry, 1, patience_ms) != 1) return;
    Visitor visitor{Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), ""};
    for (char letter = 0; ::read(visitor.connection.get(), &letter, 1) == 1 && letter != '\n';) visitor.name += letter;
    visitors_.push_back(std::move(visitor));
}

bool Gate::somebody_waits() {
    let_in(0);
    return visitors_.size() > announced_;
}

std::string Gate::wait() {
    if (visitors_.size() <= announced_) let_in(static_cast<int>(default_patience.count() * 1000));
    if (visitors_.size() <= announced_) throw std::runtime_error("nobody came to the gate");
    return visitors_[announced_++].name;
}

int Gate::open(std::string_view word) {
    const std::string line = std::string(word) + "\n";
    int let_go = 0;
    for (const auto& visitor : visitors_)
        let_go += ::send(visitor.connection.get(), line.data(), line.size(), MSG_NOSIGNAL) > 0;
    visitors_.clear();
    announced_ = 0;
    return let_go;
}

}  // namespace gyre::test
