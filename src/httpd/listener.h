#pragma once

// One socket that listens: accepts connections and sets them going. Its descriptor, and those of the connections, are
// closed on exec from their first moment, so that no child of ours holds an address or a client. Internal to httpd
// (includes Asio).

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "base/fd.h"
#include "httpd/connection.h"

namespace gyre::httpd {

// A socket that listens on the address. Errors: unavailable.
Result<Fd> listening_socket(const sockaddr* address, socklen_t size, const std::string& what);

class Listener : public std::enable_shared_from_this<Listener> {
public:
    Listener(std::shared_ptr<Hub> hub, std::shared_ptr<Entrance> entrance, Fd socket);

    // From any thread; carried out in turns.
    void start();
    void close();

private:
    void await_one();
    void accept_all();
    void accept_later(int why);
    void take(Fd socket, const sockaddr_storage& from);

    std::shared_ptr<Hub> hub_;
    std::shared_ptr<Entrance> entrance_;
    Strand turns_;
    asio::posix::basic_stream_descriptor<Strand> socket_;
    asio::steady_timer pause_;
};

}  // namespace gyre::httpd
