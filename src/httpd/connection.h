#pragma once

// One connection: reads requests, finds and runs their handlers, writes the answers. Internal to httpd (includes
// Beast).

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>

#include "httpd/exchange.h"
#include "httpd/hub.h"
#include "httpd/router.h"

namespace gyre::httpd {

namespace asio = boost::asio;
namespace beast = boost::beast;

using Strand = asio::strand<asio::io_context::executor_type>;
using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, Strand>;

struct IoResult {
    boost::system::error_code failed;
    std::size_t bytes = 0;
};

class Connection;

// The door between waker() on any thread and a connection's own turns. It belongs to one request, may outlive the
// server, and so holds nothing of it.
struct WakeSignal : std::enable_shared_from_this<WakeSignal> {
    explicit WakeSignal(std::weak_ptr<Connection> to) : connection(std::move(to)) {}
    void ring();

    std::weak_ptr<Connection> connection;
    std::atomic<bool> rung = false;
};

class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Hub> hub, std::shared_ptr<Entrance> entrance, StreamSocket socket, std::string peer);
    ~Connection() override;

    void run();         // once; the connection then keeps itself alive until it ends
    void begin_stop();  // from any thread: end when idle, wake a waiting handler
    void end_now();     // from any thread

    Request& request() override { return message_->request; }
    Task<Result<std::string>> read(std::size_t most) override;
    Task<Result<std::string>> read_all(std::size_t limit) override;
    Task<void> answer(Response response) override;
    Task<bool> begin(Response head) override;
    Task<bool> write(std::string bytes) override;
    void abort() override;
    Task<Woken> wait(Duration longest) override;
    std::function<void()> waker() override;
    Task<void> work(std::function<void()> call) override;

private:
    // Lives from the first byte of a request to the end of its answer.
    struct Message {
        beast::http::request_parser<beast::http::buffer_body> parser;
        Request request;
        const Route* route = nullptr;
        std::size_t body_read = 0;
        bool keep_alive = false;
        bool expects_continue = false;
        bool answered = false;
        bool streaming = false;
        bool chunked = false;
        bool head_only = false;
        std::optional<std::int64_t> promised;  // bytes that a streamed answer of known length still owes
        std::shared_ptr<WakeSignal> signal;
    };
    enum class Phase { idle, busy, ended };

    Task<void> serve();
    Task<bool> await_first_byte();
    Task<bool> handle_request();
    Task<bool> read_header();
    Task<void> run_plain();
    Task<void> run_stream();
    Task<void> finish_stream();
    Task<void> drain_body();
    Task<void> linger();
    Task<bool> send(std::string head, std::string_view body);
    Task<Result<std::size_t>> read_into(char* to, std::size_t most);

    Result<void> fill_request();
    std::optional<Response> find_route();
    Response call_handler();
    Task<Response> call_outside();
    std::string header_text(const Response& response);

    void arm(Duration time);
    void disarm();
    void start_watchdog();
    void watch_other_end();
    void wake(Woken why);
    void close();

    std::shared_ptr<Hub> hub_;
    std::shared_ptr<Entrance> entrance_;
    StreamSocket socket_;
    std::string peer_;

    std::unique_ptr<beast::flat_buffer> buffer_;  // released while idle
    std::unique_ptr<Message> message_;
    Phase phase_ = Phase::idle;
    bool close_after_ = false;
    bool unread_ = false;  // the other end may still be sending what nobody will read
    bool gone_ = false;

    // Closes the socket when the deadline passes. Moving the deadline later is free: the timer looks again.
    asio::steady_timer watchdog_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
    std::optional<std::chrono::steady_clock::time_point> watchdog_at_;

    // A handler inside wait().
    std::optional<asio::steady_timer> wait_timer_;
    std::coroutine_handle<> waiter_;
    Woken woken_ = Woken::timeout;
    unsigned wait_number_ = 0;
    bool watching_ = false;

    friend struct WakeSignal;
    friend struct Waiting;
};

}  // namespace gyre::httpd
