#include "httpd/exchange.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <exception>

#include "httpd/connection.h"
#include "httpd/io.h"

namespace gyre::httpd {
namespace {

constexpr std::size_t body_read_size = 64 * 1024;

}  // namespace

Task<Result<std::size_t>> Connection::read_into(char* to, std::size_t most) {
    auto& body = message_->parser.get().body();
    body.data = to;
    body.size = most;
    body.more = true;
    // Left alone, Beast reads as much as the buffer happens to have room for: 512 bytes behind a short head.
    buffer_->reserve(std::min(buffer_->max_size(), buffer_->size() + std::min(most, body_read_size)));
    while (!message_->parser.is_done() && body.size > 0) {
        arm(hub_->limits.transfer_time);
        auto reading = io(
            [this](auto done) { beast::http::async_read_some(socket_, *buffer_, message_->parser, std::move(done)); });
        const IoResult got = co_await reading;
        if (got.failed == beast::http::error::need_buffer || !got.failed) continue;
        unread_ = close_after_ = true;
        message_->keep_alive = false;
        disarm();
        if (got.failed.category() == make_error_code(beast::http::error::bad_chunk).category() &&
            got.failed != beast::http::error::partial_message && got.failed != beast::http::error::end_of_stream) {
            co_return invalid("the request's body is not framed as HTTP asks: " + got.failed.message());
        }
        gone_ = true;
        co_return unavailable("the connection ended before the whole body came");
    }
    disarm();
    co_return most - body.size;
}

Task<Result<std::string>> Connection::read(std::size_t most) {
    if (message_->parser.is_done()) co_return std::string();
    if (gone_) co_return unavailable("the connection is closed");
    if (message_->expects_continue) {
        message_->expects_continue = false;
        auto sending = send("HTTP/1.1 100 Continue\r\n\r\n", {});
        co_await sending;
    }
    const auto left = message_->parser.content_length_remaining();
    if (left) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, *left));
    std::string piece(most, '\0');
    auto reading = read_into(piece.data(), piece.size());
    const auto got = co_await reading;
    if (!got) co_return got.error();
    piece.resize(*got);
    message_->body_read += *got;
    const auto limit = message_->route ? message_->route->body_limit : most;
    if (message_->body_read > limit) {
        unread_ = close_after_ = true;
        co_return too_large("the request's body is larger than " + std::to_string(limit) + " bytes");
    }
    co_return piece;
}

Task<Result<std::string>> Connection::read_all(std::size_t limit) {
    constexpr std::size_t piece_size = 64 * 1024;
    std::string whole;
    while (!message_->parser.is_done()) {
        auto reading = read(piece_size);
        auto piece = co_await reading;
        if (!piece) co_return piece.error();
        if (whole.size() + piece->size() > limit) {
            unread_ = close_after_ = true;
            co_return too_large("the request's body is larger than " + std::to_string(limit) + " bytes");
        }
        if (whole.empty()) {
            whole = std::move(*piece);
        } else {
            whole += *piece;
        }
    }
    co_return whole;
}

Task<void> Connection::answer(Response response) {
    message_->answered = true;
    // An answer before the body was taken ends what a client would go on to send.
    if (message_->parser.is_header_done() && !message_->parser.is_done()) {
        const auto left = message_->parser.content_length_remaining();
        if (left && *left > 64 * 1024) unread_ = close_after_ = true;
    }
    std::string head = header_text(response);
    const bool bodiless = message_->head_only || response.status == 204 || response.status == 304;
    auto sending = send(std::move(head), bodiless ? std::string_view() : response.bytes());
    co_await sending;
}

Task<bool> Connection::begin(Response head) {
    message_->streaming = true;
    for (const auto& [name, value] : head.headers) {
        std::int64_t length = 0;
        if (name != "content-length") continue;
        std::from_chars(value.data(), value.data() + value.size(), length);
        message_->promised = length;
    }
    std::string text = header_text(head);
    auto sending = send(std::move(text), {});
    const bool sent = co_await sending;
    co_return sent && !message_->head_only;
}

Task<bool> Connection::write(std::string bytes) {
    if (message_->head_only) co_return false;
    if (bytes.empty()) co_return !gone_;
    if (message_->promised) {
        *message_->promised -= static_cast<std::int64_t>(bytes.size());
        if (*message_->promised < 0) {
            abort();
            co_return false;
        }
    }
    std::string head;
    if (message_->chunked) {
        std::array<char, 20> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
        head.assign(digits.data(), end);
        head += "\r\n";
        bytes += "\r\n";
    }
    auto sending = send(std::move(head), bytes);
    co_return co_await sending;
}

void Connection::abort() {
    close_after_ = false;
    close();
}

// Suspends a handler until wake().
struct Waiting {
    Connection& connection;
    Duration longest;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) const {
        auto& at = connection;
        at.waiter_ = awaiting;
        const unsigned number = ++at.wait_number_;
        if (!at.wait_timer_) at.wait_timer_.emplace(at.socket_.get_executor());
        at.wait_timer_->expires_after(longest);
        at.wait_timer_->async_wait([weak = at.weak_from_this(), number](const boost::system::error_code& failed) {
            const auto self = weak.lock();
            if (!failed && self && self->wait_number_ == number) self->wake(Woken::timeout);
        });
        at.watch_other_end();
    }
    Woken await_resume() const noexcept { return connection.woken_; }
};

Task<Woken> Connection::wait(Duration longest) {
    if (gone_) co_return Woken::gone;
    if (message_->signal && message_->signal->rung.exchange(false)) co_return Woken::signal;
    if (hub_->stopping) co_return Woken::stopping;
    Waiting waiting{*this, longest};
    co_return co_await waiting;
}

void Connection::wake(Woken why) {
    if (!waiter_) return;
    woken_ = why;
    const auto waiter = std::exchange(waiter_, nullptr);
    ++wait_number_;
    wait_timer_->cancel();
    waiter.resume();
}

// Sees the other end hang up while a handler waits. Bytes that come are a next request and are left alone.
void Connection::watch_other_end() {
    if (watching_ || (buffer_ && buffer_->size() > 0)) return;
    watching_ = true;
    socket_.async_wait(StreamSocket::wait_read, [weak = weak_from_this()](const boost::system::error_code& failed) {
        const auto self = weak.lock();
        if (!self) return;
        self->watching_ = false;
        if (failed || !self->waiter_) return;
        char byte = 0;
        const auto peeked = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != EINTR)) {
            self->gone_ = true;
            self->wake(Woken::gone);
        }
    });
}

std::function<void()> Connection::waker() {
    if (!message_->signal) message_->signal = std::make_shared<WakeSignal>(weak_from_this());
    return [signal = message_->signal] { signal->ring(); };
}

void WakeSignal::ring() {
    const auto now = connection.lock();
    if (!now || rung.exchange(true)) return;
    asio::post(now->socket_.get_executor(), [self = shared_from_this()] {
        const auto to = self->connection.lock();
        const bool mine = to && to->message_ && to->message_->signal == self;
        if (!mine || !to->waiter_ || !self->rung.exchange(false)) return;
        to->wake(Woken::signal);
    });
}

namespace {

// Suspends a handler while another thread runs its call; not at all when `start` refuses.
template <typename Start>
struct Working {
    Start start;  // takes what is to be run and answers whether it will be
    Strand turns;
    std::function<void()> call;
    std::exception_ptr failure;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
        return start([this, awaiting] {
            try {
                call();
            } catch (...) {
                failure = std::current_exception();
            }
            asio::post(turns, [awaiting] { awaiting.resume(); });
        });
    }
    void await_resume() const {
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace

Task<void> Connection::work(std::function<void()> call) {
    const auto start = [this](auto run) {
        asio::post(entrance_->workers, std::move(run));
        return true;
    };
    Working<decltype(start)> working{start, socket_.get_executor(), std::move(call), nullptr};
    co_await working;
}

Task<Response> Connection::call_outside() {
    Response response;
    auto entered = Entered::yes;
    const std::string lane = message_->route->lane ? message_->route->lane(message_->request) : "";
    const auto start = [&](auto run) {
        entered = entrance_->outside.enter(lane, std::move(run));
        return entered == Entered::yes;
    };
    const auto call = [&] {
        response = hub_->stopping ? error_answer(unavailable("the server stops")) : call_handler();
    };
    Working<decltype(start)> working{start, socket_.get_executor(), call, nullptr};
    co_await working;
    if (entered == Entered::yes) co_return response;
    const std::string_view why = entered == Entered::lane_full
                                     ? "Too many calls wait for the same remote, which answers slowly or not at all: "
                                       "try again in a while."
                                     : "Too many calls wait for remotes: try again in a while.";
    co_return message_answer(503, why).with("retry-after", "10");
}

}  // namespace gyre::httpd
