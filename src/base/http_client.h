#pragma once

// A blocking HTTP/1.1 client on one connection of its own: a unix socket or TCP. For the agent, the command line and
// container engines; no TLS, no proxies, no redirects.
//
// The connection is kept between calls. When a kept connection turns out to be closed, the call is made once more on a
// new one (only requests with `repeatable`). Timeouts are of silence, not of the whole call. Not thread-safe: one
// Client a thread. Errors: `unavailable` says what was tried ("connecting to unix:/run/x: Connection refused"),
// `too_large` when an answer exceeds its limit, `invalid` for an answer that is not HTTP, or an error of a body
// callback.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::http {

struct Endpoint {
    std::string unix_path;  // non-empty: a unix socket, and host and port are empty
    std::string host;
    std::string port;

    bool is_unix() const { return !unix_path.empty(); }
    std::string text() const;  // "unix:/run/gyre.sock" or "http://host:port"
};
// Reads "unix:/path", "unix:///path", "/path", "http://host[:port][/]", "tcp://host:port".
Result<Endpoint> parse_endpoint(std::string_view text);

struct Header {
    std::string name;
    std::string value;
};

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path and query, already encoded
    std::vector<Header> headers;

    // The body: `text`, or the bytes [file_offset, file_offset + file_length) of a descriptor that stays the caller's,
    // or what `source` yields (sent chunked, until it yields an empty view; the view must live until the next call).
    std::string text;
    int file = -1;
    std::int64_t file_offset = 0;
    std::int64_t file_length = 0;
    std::function<Result<std::string_view>()> source;

    bool repeatable = true;                 // may be sent again when a kept connection had gone; never so with `source`
    std::chrono::milliseconds patience{0};  // longest silence of the other end; 0: the client's setting
};

struct Response {
    int status = 0;
    std::vector<Header> headers;
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }
    std::string_view header(std::string_view name) const;  // case-insensitive; empty when absent
};

// Takes each piece of a body as it arrives; an error ends the call.
using BodySink = std::function<Result<void>(std::string_view bytes)>;

// A connection that stopped speaking HTTP (101, or Docker's raw streams).
struct Hijacked {
    Response head;      // of another status than 101 or 2xx: body is set, and `connection` is empty
    Fd connection;      // non-blocking
    std::string early;  // bytes that came right behind the head: they precede what the descriptor will yield
};

struct Settings {
    std::chrono::milliseconds connect_patience{10'000};
    std::chrono::milliseconds patience{60'000};
    std::size_t head_limit = 64 << 10;  // bytes of an answer's status line and headers
    std::size_t body_limit = 16 << 20;  // bytes of an answer's body that is collected; sinks have no limit
    int cancel = -1;  // a descriptor (eventfd, pipe) that makes waiting calls fail when it becomes readable
};

class Client {
public:
    explicit Client(Endpoint endpoint, Settings settings = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    // Any status is a success here. With a sink, the body of a 2xx answer goes there, and other bodies are collected.
    Result<Response> send(const Request& request);
    Result<Response> send(const Request& request, const BodySink& sink);
    Result<Hijacked> hijack(const Request& request);

    // Whether the last call failed because nobody listens there (refused, or no such socket). Nobody saw that request.
    bool was_refused() const;
    const Endpoint& endpoint() const;
    void disconnect();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Percent-encodes everything but letters, digits and "-._~": for parts of paths and queries.
std::string url_encode(std::string_view text);

}  // namespace gyre::http
