#pragma once

// Server: HTTP/1.1 over TCP and unix sockets at once, each listener with its own router, its own count of connections
// and its own worker threads: whoever comes through one cannot keep out or hold up those who come through another. Nor
// do calls that wait for a machine elsewhere hold up the others: they run in lanes of their own (httpd/lanes.h), and
// are answered 503 with Retry-After when too many wait.
//
// Connections cost no thread and, while idle, no buffer. Every size and time is bounded by ServerLimits. Plain handlers
// run on the I/O threads or, if their route says so, on worker threads; see httpd/exchange.h for streaming ones. A
// handler that throws makes a 500 and a line in the log. Routers must outlive the server.

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "httpd/lanes.h"
#include "httpd/router.h"

namespace gyre::httpd {

struct ServerLimits {
    std::size_t header_bytes = 16 * 1024;
    int connections = 10'000;        // of each listener; more are answered 503
    Duration header_time{10'000};    // from a request's first byte (or the connection's opening) to its header's end
    Duration idle_time{75'000};      // between requests
    Duration transfer_time{60'000};  // one read of a body, or one write of an answer, without any progress
    int io_threads = 2;
    int worker_threads = 4;  // of each listener
    LaneLimits outside;      // of each listener: calls of routes that run outside
};

class Server {
public:
    explicit Server(ServerLimits limits = {});
    ~Server();  // stops without grace

    // Before start(). Port 0 takes a free one; the port in use is returned. `host` is an address ("127.0.0.1", "::1").
    Result<std::uint16_t> listen_tcp(const std::string& host, std::uint16_t port, const Router& router);
    // Readable and writable by the owner alone. A socket file that nobody listens on is replaced.
    Result<void> listen_unix(const std::string& path, const Router& router);

    // Whether every listener has room for more connections; answers how many there are.
    Result<int> room() const;

    void start();
    // Accepts no more, ends idle connections and waits, lets running requests end for up to `grace`, then ends them.
    void stop(Duration grace = Duration{10'000});

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gyre::httpd
