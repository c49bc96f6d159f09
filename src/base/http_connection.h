#pragma once

// The socket below base/http_client.h: opens it, waits with poll(), and has the shape that Beast's blocking calls want
// (a SyncReadStream). Not thread-safe.

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <sys/uio.h>

#include <chrono>
#include <string_view>

#include "base/fd.h"
#include "base/http_client.h"
#include "base/result.h"

namespace gyre::http {

class Connection {
public:
    // `refused` is set when nobody listens there.
    static Result<Connection> open(const Endpoint& endpoint, const Settings& settings, bool& refused);

    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
    // True when the other end has closed, or has said something nobody asked for: not to be used again.
    bool is_stale() const;
    Fd release() { return std::move(socket_); }

    // Writing stops early, without an error, when the other end starts to answer: `answered_early` tells.
    boost::system::error_code write(std::string_view first, std::string_view second = {});
    boost::system::error_code write_file(int file, std::int64_t offset, std::int64_t length);
    bool answered_early() const { return answered_early_; }

    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers, boost::system::error_code& failed) {
        for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
             ++at) {
            const boost::asio::mutable_buffer part(*at);
            if (part.size() > 0) return read_into(part.data(), part.size(), failed);
        }
        failed = {};
        return 0;
    }
    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers) {
        boost::system::error_code failed;
        const std::size_t got = read_some(buffers, failed);
        if (failed) throw boost::system::system_error(failed);
        return got;
    }

private:
    explicit Connection(Fd socket, const Settings& settings)
        : socket_(std::move(socket)), patience_(settings.patience), cancel_(settings.cancel) {}
    std::size_t read_into(void* bytes, std::size_t size, boost::system::error_code& failed);
    // Waits for any of `events`; the error is `timed_out` or `operation_canceled`.
    boost::system::error_code wait(short events, short& got) const;
    // Waits until writing is possible; false when writing should end.
    bool wait_to_write(boost::system::error_code& failed);

    Fd socket_;
    std::chrono::milliseconds patience_;
    int cancel_ = -1;
    bool answered_early_ = false;
};

}  // namespace gyre::http
