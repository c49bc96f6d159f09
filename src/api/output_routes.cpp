#include "api/job_facts.h"
#include "api/routes.h"
#include "api/signature.h"
#include "model/attempt_name.h"
#include "output/document.h"
#include "output/excerpt.h"
#include "output/line_search.h"

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;
using httpd::Woken;

namespace {

constexpr std::size_t piece_size = 128 * 1024;
constexpr Duration look_again{15'000};  // where news could have been missed
constexpr std::chrono::hours output_open_for{5 * 24};
constexpr std::int64_t longest = std::int64_t{1} << 50;

Result<OutputName> output_of(const Request& request) {
    const auto attempt = parse_attempt_id(request.param("attempt"));
    if (!attempt) return not_found("There is no such attempt.");
    const Request number{.query = {{"step", request.param("step")}}};
    const auto step = number.query_number("step", -1, 0, 1'000'000);
    const OutputName name{*attempt, step ? static_cast<int>(*step) : -1};
    if (!is_output_name(name)) return not_found("There is no such step.");
    return name;
}

// What of an output is asked for: from a byte, a line, or a number of lines before the end; of these at most one.
struct WantedOutput {
    OutputName name;
    std::int64_t offset = 0;
    std::int64_t line = 0;   // 0: not asked for
    std::int64_t tail = 0;   // likewise
    std::int64_t bytes = 0;  // at most; 0: all
    std::int64_t lines = 0;  // likewise
    bool follow = false;
};

Result<WantedOutput> wanted_output(const Request& request) {
    WantedOutput wanted;
    GYRE_TRY_ASSIGN(wanted.name, output_of(request));
    int starts = 0;
    for (const char* start : {"offset", "line", "tail"}) starts += request.query_value(start) ? 1 : 0;
    if (starts > 1) return invalid("offset, line and tail exclude each other");
    GYRE_TRY_ASSIGN(wanted.offset, request.query_number("offset", 0, 0, longest));
    GYRE_TRY_ASSIGN(wanted.line, request.query_number("line", 0, 1, longest));
    GYRE_TRY_ASSIGN(wanted.tail, request.query_number("tail", 0, 1, longest));
    GYRE_TRY_ASSIGN(wanted.bytes, request.query_number("bytes", 0, 1, longest));
    GYRE_TRY_ASSIGN(wanted.lines, request.query_number("lines", 0, 1, longest));
    wanted.follow = request.query_value("follow") == "true";
    return wanted;
}

// The first byte of it.
Task<Result<std::int64_t>> find_start(Desk& desk, Exchange& exchange, const WantedOutput& wanted) {
    if (wanted.line == 0 && wanted.tail == 0) co_return wanted.offset;
    auto search = wanted.line > 0 ? output::LineSearch::line(desk.ports.outputs, wanted.name, wanted.line)
                                  : output::LineSearch::tail(desk.ports.outputs, wanted.name, wanted.tail);
    while (true) {
        auto looking = httpd::on_worker(exchange, [&] { return search.step(); });
        const auto found = co_await looking;
        if (!found) co_return found.error();
        if (*found) co_return **found;
        auto pausing = exchange.wait(Duration{0});
        const auto woken = co_await pausing;
        if (woken == Woken::gone || woken == Woken::stopping) co_return unavailable("The search was given up.");
    }
}

Task<Result<output::Piece>> next_piece(Exchange& exchange, output::Tail& tail) {
    auto reading = httpd::on_worker(exchange, [&] { return tail.next(piece_size); });
    co_return co_await reading;
}

// Read before the answer begins: what is wrong from the start has a status of its own. Nothing: it was told.
Task<std::optional<output::Piece>> first_piece(Exchange& exchange, output::Tail& tail) {
    auto reading = next_piece(exchange, tail);
    auto piece = co_await reading;
    if (piece) co_return std::move(*piece);
    auto refusing = exchange.answer(httpd::error_answer(piece.error()));
    co_await refusing;
    co_return std::nullopt;
}

class AsItIs {
public:
    explicit AsItIs(output::Excerpt excerpt) : excerpt_(excerpt) {}
    std::string form(const std::string& bytes) { return std::string(excerpt_.take(bytes)); }
    bool is_full() const { return excerpt_.is_full(); }

private:
    output::Excerpt excerpt_;
};

class AsDocument {
public:
    explicit AsDocument(output::Document& document) : document_(document) {}
    std::string form(const std::string& bytes) { return document_.add(bytes); }
    static bool is_full() { return false; }

private:
    output::Document& document_;
};

// Writes the piece, what is there behind it and, if wanted, what comes until the step is over.
template <typename Form>
Task<bool> pour(Exchange& exchange, output::Tail& tail, output::Piece first, bool follow, Form form) {
    Result<output::Piece> piece = std::move(first);
    while (piece) {
        if (!piece->bytes.empty()) {
            auto writing = exchange.write(form.form(piece->bytes));
            if (!co_await writing) co_return false;
            if (form.is_full()) co_return true;
        } else if (piece->end || !follow) {
            co_return true;
        } else {
            auto waiting = exchange.wait(look_again);
            const auto woken = co_await waiting;
            if (woken == Woken::gone || woken == Woken::stopping) co_return false;
        }
        auto reading = next_piece(exchange, tail);
        piece = co_await reading;
    }
    co_return false;
}

Response text_head() {
    Response head;
    head.with("content-type", "text/plain; charset=utf-8").with("cache-control", "no-store");
    // Proxies must not gather what a person wants to see at once.
    head.with("x-accel-buffering", "no").with("content-security-policy", "sandbox; default-src 'none'");
    return head;
}

// GET /api/v2/gyre/output/<attempt>/<step>?offset=N|line=N|tail=N&bytes=N&lines=N&follow=true -> the raw bytes
Task<void> raw_output(Desk& desk, Exchange& exchange) {
    const auto wanted = wanted_output(exchange.request());
    Result<std::int64_t> start = wanted ? Result<std::int64_t>(0) : wanted.error();
    if (wanted) {
        auto finding = find_start(desk, exchange, *wanted);
        start = co_await finding;
    }
    if (!start) {
        auto refusing = exchange.answer(httpd::error_answer(start.error()));
        co_await refusing;
        co_return;
    }
    output::Tail tail(desk.output_ports(), wanted->name, *start, exchange.waker());
    auto reading = first_piece(exchange, tail);
    auto first = co_await reading;
    if (!first) co_return;
    auto beginning = exchange.begin(text_head());
    if (!co_await beginning) co_return;
    const AsItIs form(output::Excerpt(wanted->bytes, wanted->lines));
    auto pouring = pour(exchange, tail, std::move(*first), wanted->follow, form);
    if (!co_await pouring) exchange.abort();  // the reader sees that it is not whole, and goes on from its offset
}

Result<json::object> facts_of(Desk& desk, const WantedOutput& wanted, std::int64_t start) {
    GYRE_TRY_ASSIGN(const bool complete, output::is_complete(desk.output_ports(), wanted.name));
    GYRE_TRY_ASSIGN(const auto bytes, desk.ports.outputs.length(wanted.name));
    return json::object{{"offset", start}, {"bytes", bytes}, {"complete", complete}};
}

// GET /api/v2/gyre/output/<attempt>/<step>/place?line=N|tail=N -> {offset, bytes, complete}
Task<void> output_place(Desk& desk, Exchange& exchange) {
    const auto wanted = wanted_output(exchange.request());
    Result<json::object> facts = wanted ? Result<json::object>(json::object()) : wanted.error();
    if (wanted) {
        auto finding = find_start(desk, exchange, *wanted);
        const auto start = co_await finding;
        auto asking = httpd::on_worker(exchange, [&]() -> Result<json::object> {
            if (!start) return start.error();
            return facts_of(desk, *wanted, *start);
        });
        facts = co_await asking;
    }
    auto answering = exchange.answer(facts ? httpd::json_answer(*facts) : httpd::error_answer(facts.error()));
    co_await answering;
}

// GET /output/<attempt>/<step>?expires=..&signature=.. -> API v1.1's document; the signature opens it
Task<void> signed_output(Desk& desk, Exchange& exchange) {
    const auto& request = exchange.request();
    const auto name = output_of(request);
    const bool open = is_path_open(desk.settings.signing_key, request.path, request.query_value("expires").value_or(""),
                                   request.query_value("signature").value_or(""), desk.ports.clock.now());
    if (!open || !name) {
        auto refusing = exchange.answer(httpd::message_answer(403, "This address is not valid, or not any more."));
        co_await refusing;
        co_return;
    }
    output::Tail tail(desk.output_ports(), *name, 0, [] {});
    auto reading = first_piece(exchange, tail);
    auto first = co_await reading;
    if (!first) co_return;
    output::Document document;
    Response head;
    head.with("content-type", "application/json; charset=utf-8").with("cache-control", "no-store");
    auto beginning = exchange.begin(std::move(head));
    if (!co_await beginning) co_return;
    auto opening = exchange.write(document.begin(desk.ports.clock.now()));
    co_await opening;
    auto pouring = pour(exchange, tail, std::move(*first), false, AsDocument(document));
    if (!co_await pouring) {
        exchange.abort();
        co_return;
    }
    auto closing = exchange.write(document.end());
    co_await closing;
}

}  // namespace

std::string open_output_path(const Desk& desk, const AttemptRef& attempt, int step) {
    const std::string path = "/output/" + attempt.id().text + "/" + std::to_string(step);
    return sign_path(desk.settings.signing_key, path, desk.ports.clock.now() + output_open_for);
}

void add_output_routes(Desk& desk, httpd::Router& router) {
    desk.get_stream(router, "/api/v2/gyre/output/:attempt/:step", raw_output);
    desk.get_stream(router, "/api/v2/gyre/output/:attempt/:step/place", output_place);
    router.add({.method = "GET", .pattern = "/output/:attempt/:step", .stream = [&desk](Exchange& exchange) {
                    return signed_output(desk, exchange);
                }});
}

}  // namespace gyre::api
