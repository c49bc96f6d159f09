#include "httpd/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/ascii.h"
#include "base/log.h"
#include "httpd/io.h"

namespace gyre::httpd {
namespace {

constexpr std::size_t most_drained = 64 * 1024;
constexpr std::size_t most_lingered = 1 << 20;
constexpr std::size_t write_slice = 256 * 1024;
constexpr Duration linger_time{1000};

using Clock = std::chrono::steady_clock;

std::string date_header() {
    thread_local std::time_t second = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != second) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        std::array<char, 64> buffer{};
        const auto length = std::strftime(buffer.data(), buffer.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
        text.assign(buffer.data(), length);
        second = now;
    }
    return text;
}

// A header's value may hold text from outside (a file name): it must not end the line.
void append_header(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    for (const char c : value) head += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
    head += "\r\n";
}

bool overridden(const Pairs& headers, std::size_t at) {
    if (headers[at].first == "set-cookie") return false;
    for (std::size_t later = at + 1; later < headers.size(); ++later) {
        if (headers[later].first == headers[at].first) return true;
    }
    return false;
}

int status_of_parse_error(const boost::system::error_code& failed) {
    if (failed == beast::http::error::header_limit || failed == beast::http::error::buffer_overflow) return 431;
    return 400;
}

bool is_silent(const boost::system::error_code& failed) {
    return failed == beast::http::error::end_of_stream || failed == beast::http::error::partial_message ||
           failed.category() != make_error_code(beast::http::error::bad_method).category();
}

}  // namespace

Connection::Connection(std::shared_ptr<Hub> hub, std::shared_ptr<Entrance> entrance, StreamSocket socket,
                       std::string peer)
    : hub_(std::move(hub)),
      entrance_(std::move(entrance)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      watchdog_(socket_.get_executor()) {}

Connection::~Connection() {
    const std::lock_guard lock(hub_->mutex);
    hub_->connections.erase(this);
    --entrance_->connections;
    hub_->changed.notify_all();
}

void Connection::run() {
    {
        const std::lock_guard lock(hub_->mutex);
        hub_->connections.emplace(this, weak_from_this());
        ++entrance_->connections;
    }
    asio::post(socket_.get_executor(), [self = shared_from_this()] { run_detached(self, self->serve()); });
}

Task<void> Connection::serve() {
    arm(hub_->limits.header_time);
    while (true) {
        auto waiting = await_first_byte();
        const bool more = co_await waiting;
        if (!more) break;
        phase_ = Phase::busy;
        auto handling = handle_request();
        const bool go_on = co_await handling;
        message_.reset();
        if (!go_on || gone_ || hub_->stopping) break;
        phase_ = Phase::idle;
        arm(hub_->limits.idle_time);
    }
    if (!gone_ && unread_) {
        auto lingering = linger();
        co_await lingering;
    }
    close();
}

Task<bool> Connection::await_first_byte() {
    if (buffer_ && buffer_->size() > 0) co_return true;
    buffer_.reset();
    if (hub_->stopping) co_return false;
    auto readable = io([this](auto done) { socket_.async_wait(StreamSocket::wait_read, std::move(done)); });
    const IoResult ready = co_await readable;
    co_return !ready.failed;
}

Task<bool> Connection::handle_request() {
    auto reading = read_header();
    if (!co_await reading) co_return false;
    disarm();
    auto refusal = find_route();
    if (refusal) {
        auto answering = answer(std::move(*refusal));
        co_await answering;
    } else if (message_->route->stream) {
        auto running = run_stream();
        co_await running;
    } else {
        auto running = run_plain();
        co_await running;
    }
    auto draining = drain_body();
    co_await draining;
    co_return message_->keep_alive && !close_after_;
}

Task<bool> Connection::read_header() {
    arm(hub_->limits.header_time);
    if (!buffer_) buffer_ = std::make_unique<beast::flat_buffer>(hub_->limits.header_bytes + 128 * 1024);
    message_ = std::make_unique<Message>();
    message_->parser.header_limit(static_cast<std::uint32_t>(hub_->limits.header_bytes));
    message_->parser.body_limit(boost::none);
    auto reading =
        io([this](auto done) { beast::http::async_read_header(socket_, *buffer_, message_->parser, std::move(done)); });
    const IoResult got = co_await reading;
    if (!got.failed) co_return true;
    if (is_silent(got.failed)) co_return false;
    unread_ = close_after_ = true;
    const int status = status_of_parse_error(got.failed);
    auto answering = answer(message_answer(status, status == 431 ? "The request's header is too large."
                                                                 : "This is not an HTTP request that is understood."));
    co_await answering;
    co_return false;
}

Result<void> Connection::fill_request() {
    const auto& head = message_->parser.get();
    auto& request = message_->request;
    message_->keep_alive = message_->parser.keep_alive();
    request.method = std::string(head.method_string());
    message_->head_only = request.method == "HEAD";
    request.peer = peer_;
    request.local = entrance_->local;
    for (const auto& field : head)
        request.headers.emplace_back(lowered(field.name_string()), std::string(field.value()));
    if (head.version() != 11 && head.version() != 10) return invalid("only HTTP/1.1 and HTTP/1.0 are spoken here");
    const auto hosts = std::count_if(request.headers.begin(), request.headers.end(),
                                     [](const auto& field) { return field.first == "host"; });
    if (head.version() == 11 && hosts != 1) return invalid("a request needs exactly one Host header");
    message_->expects_continue = lowered(request.header("expect")) == "100-continue";
    GYRE_TRY_ASSIGN(auto target, parse_target(std::string_view(head.target())));
    request.path = std::move(target.path);
    request.segments = std::move(target.segments);
    request.query = std::move(target.query);
    return {};
}

std::optional<Response> Connection::find_route() {
    if (auto filled = fill_request(); !filled) {
        unread_ = close_after_ = true;
        return error_answer(filled.error());
    }
    auto& request = message_->request;
    auto match = entrance_->router.match(request.method, request.segments);
    if (std::holds_alternative<Router::NoPath>(match)) return message_answer(404, "Not found.");
    if (const auto* refused = std::get_if<Router::NoMethod>(&match)) {
        return message_answer(405, "This method is not allowed here.").with("allow", refused->allow);
    }
    auto& found = std::get<Router::Found>(match);
    request.params = std::move(found.params);
    message_->route = found.route;
    try {
        if (auto refusal = found.route->gatekeeper ? found.route->gatekeeper(request) : std::nullopt) return refusal;
    } catch (const std::exception& bug) {
        log::error("http", "{} {}: {}", request.method, request.path, bug.what());
        return message_answer(500, "Internal server error.");
    }
    const auto length = message_->parser.content_length();
    if (length && *length > found.route->body_limit) {
        return error_answer(too_large("the request's body has " + std::to_string(*length) + " bytes; the limit is " +
                                      std::to_string(found.route->body_limit)));
    }
    return std::nullopt;
}

Response Connection::call_handler() {
    auto& request = message_->request;
    try {
        return message_->route->handler(request);
    } catch (const std::exception& bug) {
        log::error("http", "{} {}: {}", request.method, request.path, bug.what());
        return message_answer(500, "Internal server error.");
    }
}

Task<void> Connection::run_plain() {
    auto reading = read_all(message_->route->body_limit);
    auto body = co_await reading;
    Response response;
    if (!body) {
        response = error_answer(body.error());
        response.close = true;
    } else {
        message_->request.body = std::move(*body);
        if (message_->route->runs_on == RunsOn::worker) {
            auto working = work([this, &response] { response = call_handler(); });
            co_await working;
        } else if (message_->route->runs_on == RunsOn::outside) {
            auto calling = call_outside();
            response = co_await calling;
        } else {
            response = call_handler();
        }
    }
    auto answering = answer(std::move(response));
    co_await answering;
}

Task<void> Connection::run_stream() {
    bool failed = false;
    try {
        auto handling = message_->route->stream(*this);
        co_await handling;
    } catch (const std::exception& bug) {
        log::error("http", "{} {}: {}", message_->request.method, message_->request.path, bug.what());
        failed = true;
    }
    if (failed && message_->streaming) abort();
    if (!message_->answered && !message_->streaming) {
        auto answering = answer(message_answer(500, "Internal server error."));
        co_await answering;
    }
    if (message_->streaming) {
        auto finishing = finish_stream();
        co_await finishing;
    }
}

Task<void> Connection::finish_stream() {
    if (message_->promised.value_or(0) > 0 && !message_->head_only)
        abort();  // the other end must not take it for whole
    if (message_->chunked && !message_->head_only && !gone_) {
        auto sending = send("0\r\n\r\n", {});
        co_await sending;
    }
}

// What a handler left of the body is read away if it is short; otherwise the connection cannot go on.
Task<void> Connection::drain_body() {
    if (message_->parser.is_done() || gone_) co_return;
    const auto left = message_->parser.content_length_remaining();
    if (message_->expects_continue || close_after_ || (left && *left > most_drained)) {
        unread_ = close_after_ = true;
        co_return;
    }
    auto reading = read(most_drained);
    const auto rest = co_await reading;
    if (!rest || !message_->parser.is_done()) unread_ = close_after_ = true;
}

// Lets the other end read the answer before the connection is reset by what it is still sending.
Task<void> Connection::linger() {
    boost::system::error_code ignored;
    socket_.shutdown(StreamSocket::shutdown_send, ignored);
    arm(linger_time);
    std::string sink(4096, '\0');
    for (std::size_t total = 0; total < most_lingered;) {
        auto reading = io([&](auto done) { socket_.async_read_some(asio::buffer(sink), std::move(done)); });
        const IoResult got = co_await reading;
        if (got.failed) co_return;
        total += got.bytes;
    }
}

std::string Connection::header_text(const Response& response) {
    const bool bodiless = response.status == 204 || response.status == 304;
    const bool old = message_->parser.get().version() == 10;
    if (response.close || hub_->stopping) close_after_ = true;
    const bool closes = close_after_ || !message_->keep_alive;
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head += reason_phrase(response.status);
    head += "\r\n";
    head += date_header();
    bool sized = bodiless;
    for (std::size_t i = 0; i < response.headers.size(); ++i) {
        const auto& [name, value] = response.headers[i];
        if (overridden(response.headers, i)) continue;
        sized = sized || name == "content-length";
        append_header(head, name, value);
    }
    if (!sized && message_->streaming) {
        message_->chunked = !old;
        if (message_->chunked) head += "transfer-encoding: chunked\r\n";
        if (old) close_after_ = true;
    } else if (!sized) {
        head += "content-length: " + std::to_string(response.bytes().size()) + "\r\n";
    }
    head += "x-content-type-options: nosniff\r\n";
    if (closes) {
        head += "connection: close\r\n";
    } else if (old) {
        head += "connection: keep-alive\r\n";
    }
    head += "\r\n";
    return head;
}

Task<bool> Connection::send(std::string head, std::string_view body) {
    if (gone_) co_return false;
    auto first = body.substr(0, write_slice);
    body.remove_prefix(first.size());
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(first)};
    arm(hub_->limits.transfer_time);
    auto writing = io([&](auto done) { asio::async_write(socket_, buffers, std::move(done)); });
    IoResult sent = co_await writing;
    while (!sent.failed && !body.empty()) {
        const auto slice = body.substr(0, write_slice);
        body.remove_prefix(slice.size());
        arm(hub_->limits.transfer_time);
        auto going_on = io([&](auto done) { asio::async_write(socket_, asio::buffer(slice), std::move(done)); });
        sent = co_await going_on;
    }
    disarm();
    if (sent.failed) gone_ = true;
    co_return !gone_;
}

void Connection::arm(Duration time) {
    deadline_ = Clock::now() + time;
    if (!watchdog_at_ || *deadline_ < *watchdog_at_) start_watchdog();
}

void Connection::disarm() { deadline_.reset(); }

void Connection::start_watchdog() {
    watchdog_at_ = deadline_;
    watchdog_.expires_at(*deadline_);
    watchdog_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
        const auto self = weak.lock();
        if (failed || !self || self->phase_ == Phase::ended) return;
        self->watchdog_at_.reset();
        if (!self->deadline_) return;
        if (Clock::now() >= *self->deadline_) {
            self->close();
        } else {
            self->start_watchdog();
        }
    });
}

void Connection::begin_stop() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (self->phase_ == Phase::idle) self->close();
        self->wake(Woken::stopping);
    });
}

void Connection::end_now() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void Connection::close() {
    if (phase_ == Phase::ended) return;
    phase_ = Phase::ended;
    gone_ = true;
    watchdog_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
    wake(Woken::gone);
}

}  // namespace gyre::httpd
