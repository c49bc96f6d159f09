#include "base/http_client.h"

#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/http_connection.h"

namespace gyre::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using Parser = beast::http::response_parser<beast::http::buffer_body>;

constexpr std::size_t piece_size = 64 << 10;

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lowered(x) == lowered(y); });
}

Result<std::string> head_of(const Request& request, const Endpoint& endpoint) {
    if (has_control(request.method) || has_control(request.target) || request.target.find(' ') != std::string::npos) {
        return invalid("the request target has a space or a control character");
    }
    std::string head = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: ";
    head += endpoint.is_unix() ? "localhost" : endpoint.text().substr(std::string_view("http://").size());
    head += "\r\n";
    for (const auto& [name, value] : request.headers) {
        if (has_control(name) || has_control(value))
            return invalid("the value of header " + name + " has a control character");
        head.append(name).append(": ").append(value).append("\r\n");
    }
    if (request.source) {
        head += "Transfer-Encoding: chunked\r\n";
    } else if (const auto size =
                   request.file >= 0 ? request.file_length : static_cast<std::int64_t>(request.text.size());
               size > 0 || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE")) {
        head += "Content-Length: " + std::to_string(size) + "\r\n";
    }
    return head + "\r\n";
}

bool ends_connection(const error_code& failed) {
    return failed == beast::http::error::end_of_stream || failed == beast::http::error::partial_message ||
           failed == boost::asio::error::eof || failed == boost::asio::error::connection_reset;
}

}  // namespace

struct Client::State {
    Endpoint endpoint;
    Settings settings;
    std::optional<Connection> connection;
    beast::flat_buffer buffer;
    bool refused = false;

    std::optional<Parser> parser;  // of the answer at hand

    Error broken(const Request& request, const std::string& why) const {
        const std::string path = request.target.substr(0, request.target.find('?'));
        return unavailable(request.method + ' ' + path + " at " + endpoint.text() + ": " + why);
    }
    Error broken(const Request& request, const error_code& failed) const {
        if (ends_connection(failed)) return broken(request, "the connection was closed before the whole answer came");
        if (failed == boost::asio::error::timed_out) return broken(request, "timed out");
        if (failed == beast::http::error::header_limit) {
            return too_large(broken(request, "the answer's headers are too large").message);
        }
        if (failed.category() == beast::http::make_error_code(beast::http::error::bad_version).category()) {
            return invalid(broken(request, "the answer is not HTTP: " + failed.message()).message);
        }
        return broken(request, failed.message());
    }

    Result<void> write_source(const Request& request, error_code& failed) {
        while (true) {
            GYRE_TRY_ASSIGN(const std::string_view bytes, request.source());
            if (bytes.empty()) {
                failed = connection->write("0\r\n\r\n");
                return {};
            }
            std::array<char, 24> size{};
            auto* end = std::to_chars(size.data(), size.data() + 16, bytes.size(), 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            failed = connection->write({size.data(), static_cast<std::size_t>(end - size.data())}, bytes);
            if (!failed && !connection->answered_early()) failed = connection->write("\r\n");
            if (failed || connection->answered_early()) return {};
        }
    }

    Result<void> write_request(const Request& request, const std::string& head, error_code& failed) {
        if (request.source) {
            failed = connection->write(head);
            if (!failed && !connection->answered_early()) return write_source(request, failed);
            return {};
        }
        failed = connection->write(head, request.file >= 0 ? std::string_view{} : std::string_view(request.text));
        if (!failed && !connection->answered_early() && request.file >= 0) {
            failed = connection->write_file(request.file, request.file_offset, request.file_length);
        }
        return {};
    }

    void read_head(const Request& request, error_code& failed) {
        do {  // 100 Continue and the like come before the answer
            parser.emplace();
            parser->header_limit(static_cast<std::uint32_t>(settings.head_limit));
            parser->body_limit(boost::none);
            if (request.method == "HEAD") parser->skip(true);
            beast::http::read_header(*connection, buffer, *parser, failed);
        } while (!failed && parser->get().result_int() < 200 && parser->get().result_int() != 101);
    }

    // One try over the connection at hand. False: the other end closed before it said anything.
    Result<bool> try_once(const Request& request, const std::string& head) {
        connection->set_patience(request.patience.count() > 0 ? request.patience : settings.patience);
        error_code failed;
        buffer.consume(buffer.size());
        GYRE_TRY(write_request(request, head, failed));
        if (failed && !ends_connection(failed)) return broken(request, failed);
        // Even where writing broke off, the answer may be there: a server that refuses a body says so and closes.
        read_head(request, failed);
        if (!failed) return true;
        if (ends_connection(failed) && !parser->got_some()) return false;
        return broken(request, failed);
    }

    Result<void> exchange(const Request& request) {
        refused = false;
        GYRE_TRY_ASSIGN(const std::string head, head_of(request, endpoint));
        if (connection && connection->is_stale()) connection.reset();
        bool again = connection.has_value() && request.repeatable && !request.source;
        while (true) {
            if (!connection) {
                GYRE_TRY_ASSIGN(connection, Connection::open(endpoint, settings, refused));
            }
            const auto answered = try_once(request, head);
            if (answered && *answered) return {};
            connection.reset();
            if (!answered) return answered.error();
            if (!std::exchange(again, false)) return broken(request, "the connection was closed without an answer");
        }
    }

    Response head_of_answer() const {
        Response response;
        response.status = static_cast<int>(parser->get().result_int());
        for (const auto& field : parser->get()) {
            response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
        }
        return response;
    }

    Result<void> read_body(const Request& request, const BodySink& sink) {
        if (parser->is_done()) return {};
        const auto piece = std::make_unique_for_overwrite<char[]>(piece_size);  // most answers are short
        while (!parser->is_done()) {
            parser->get().body().data = piece.get();
            parser->get().body().size = piece_size;
            parser->get().body().more = true;
            error_code failed;
            beast::http::read_some(*connection, buffer, *parser, failed);
            if (failed == beast::http::error::need_buffer) failed = {};
            const std::size_t got = piece_size - parser->get().body().size;
            if (got > 0) GYRE_TRY(sink({piece.get(), got}));
            if (failed == boost::asio::error::eof || failed == beast::http::error::end_of_stream) {
                // Without a length, the end of the connection is the end of the body.
                error_code ended;
                if (!parser->is_done()) parser->put_eof(ended);
                failed = ended;
            }
            if (failed) return broken(request, failed);
        }
        return {};
    }

    Result<void> finish(const Request& request, Response& response, const BodySink& sink) {
        const BodySink collect = [&](std::string_view bytes) -> Result<void> {
            if (response.body.size() + bytes.size() > settings.body_limit) {
                return too_large(
                    broken(request, "the answer is larger than " + std::to_string(settings.body_limit) + " bytes")
                        .message);
            }
            response.body += bytes;
            return {};
        };
        auto read = read_body(request, sink && response.ok() ? sink : collect);
        if (!read || !parser->keep_alive() || connection->answered_early()) connection.reset();
        return read;
    }
};

Client::Client(Endpoint endpoint, Settings settings) : state_(std::make_unique<State>()) {
    state_->endpoint = std::move(endpoint);
    state_->settings = settings;
}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Response> Client::send(const Request& request) { return send(request, {}); }

Result<Response> Client::send(const Request& request, const BodySink& sink) {
    GYRE_TRY(state_->exchange(request));
    Response response = state_->head_of_answer();
    GYRE_TRY(state_->finish(request, response, sink));
    return response;
}

Result<Hijacked> Client::hijack(const Request& request) {
    GYRE_TRY(state_->exchange(request));
    Hijacked result;
    result.head = state_->head_of_answer();
    if (result.head.status != 101 && !result.head.ok()) {
        GYRE_TRY(state_->finish(request, result.head, {}));
        return result;
    }
    const auto early = state_->buffer.data();
    result.early.assign(static_cast<const char*>(early.data()), early.size());
    result.connection = state_->connection->release();
    state_->connection.reset();
    return result;
}

bool Client::was_refused() const { return state_->refused; }
const Endpoint& Client::endpoint() const { return state_->endpoint; }
void Client::disconnect() { state_->connection.reset(); }

std::string_view Response::header(std::string_view name) const {
    for (const auto& candidate : headers) {
        if (same_name(candidate.name, name)) return candidate.value;
    }
    return {};
}

}  // namespace gyre::http
