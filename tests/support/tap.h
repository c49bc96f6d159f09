#pragma once

// A place between a server and those who call it, where a test can listen in and interfere: either it takes the place
// of the server's unix socket, or it listens at a port of its own, whose address is given to callers instead of the
// server's. Errors are thrown.

#include <string>

#include "base/fd.h"

namespace gyre::test {

class Tap {
public:
    // `server` is the path of a unix socket, or http://<address>:<port>.
    explicit Tap(std::string server);
    ~Tap();  // gives the socket back
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    // Who calls next; none once stop() was called. Thread-safe, as the others.
    Fd let_in();
    // A new connection to the server; none when it does not take one.
    Fd connect() const;
    void stop();
    const std::string& address() const { return address_; }  // for callers: the path, or a URL

private:
    bool is_unix() const { return server_.starts_with('/'); }

    std::string server_;
    std::string behind_;  // where the server's socket is now
    std::string address_;
    Fd listener_;
    Fd stopped_;
};

// All of it; false when the other end is gone.
bool send_all(const Fd& to, std::string_view bytes);
// Up to 64 KiB, waiting for them; empty at the end of the stream.
std::string receive(const Fd& from);

}  // namespace gyre::test
