#pragma once

// Awaits one Asio operation: `auto reading = io([&](auto done) { socket.async_read_some(buffer, std::move(done)); });
// IoResult got = co_await reading;`. Internal to httpd (includes Asio).

#include <boost/system/error_code.hpp>

#include <coroutine>
#include <utility>

#include "httpd/connection.h"

namespace gyre::httpd {

template <typename Start>
struct Io {
    Start start;
    IoResult result;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
        start([this, awaiting](const boost::system::error_code& failed, std::size_t bytes = 0) {
            result = {failed, bytes};
            awaiting.resume();
        });
    }
    IoResult await_resume() const noexcept { return result; }
};

template <typename Start>
Io<Start> io(Start start) {
    return Io<Start>{std::move(start), {}};
}

}  // namespace gyre::httpd
