#include <algorithm>
#include <deque>

#include "api/artifact_type.h"
#include "api/job_facts.h"
#include "api/places.h"
#include "api/routes.h"
#include "api/signature.h"
#include "base/guarded.h"
#include "httpd/range.h"
#include "model/attempt_name.h"
#include "output/document.h"

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;
using httpd::Woken;

namespace {

constexpr std::size_t piece_size = 128 * 1024;
constexpr Duration look_again{15'000};   // where news could have been missed
constexpr std::size_t most_news = 1000;  // kept for a reader that is slow
constexpr std::chrono::hours output_open_for{5 * 24};
constexpr std::int64_t longest = std::int64_t{1} << 50;

Task<void> refuse(Exchange& exchange, Response response) {
    auto answering = exchange.answer(std::move(response));
    co_await answering;
}

Result<OutputName> output_of(const Request& request) {
    const auto attempt = parse_attempt_id(request.param("attempt"));
    if (!attempt) return not_found("There is no such attempt.");
    const Request number{.query = {{"step", request.param("step")}}};
    const auto step = number.query_number("step", -1, 0, 1'000'000);
    const OutputName name{*attempt, step ? static_cast<int>(*step) : -1};
    if (!is_output_name(name)) return not_found("There is no such step.");
    return name;
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
    auto refusing = refuse(exchange, httpd::error_answer(piece.error()));
    co_await refusing;
    co_return std::nullopt;
}

// Writes the piece, what is there behind it and, if wanted, what comes until the step is over. `encode` makes the
// bytes' form.
template <typename Encode>
Task<bool> pour(Exchange& exchange, output::Tail& tail, output::Piece first, bool follow, Encode& encode) {
    Result<output::Piece> piece = std::move(first);
    while (piece) {
        if (!piece->bytes.empty()) {
            auto writing = exchange.write(encode(piece->bytes));
            if (!co_await writing) co_return false;
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

// GET /api/v2/gyre/output/<attempt>/<step>?offset=N&follow=true -> the raw bytes
Task<void> raw_output(Desk& desk, Exchange& exchange) {
    const auto& request = exchange.request();
    const auto name = output_of(request);
    auto offset = request.query_number("offset", 0, 0, longest);
    const bool follow = request.query_value("follow") == "true";
    if (!name || !offset) {
        auto refusing = refuse(exchange, httpd::error_answer(name ? offset.error() : name.error()));
        co_await refusing;
        co_return;
    }
    output::Tail tail(desk.output_ports(), *name, *offset, exchange.waker());
    auto reading = first_piece(exchange, tail);
    auto first = co_await reading;
    if (!first) co_return;
    Response head;
    head.with("content-type", "text/plain; charset=utf-8").with("cache-control", "no-store");
    // Proxies must not gather what a person wants to see at once.
    head.with("x-accel-buffering", "no").with("content-security-policy", "sandbox; default-src 'none'");
    auto beginning = exchange.begin(std::move(head));
    if (!co_await beginning) co_return;
    const auto as_it_is = [](const std::string& bytes) { return bytes; };
    auto pouring = pour(exchange, tail, std::move(*first), follow, as_it_is);
    if (!co_await pouring) exchange.abort();  // the reader sees that it is not whole, and goes on from its offset
}

// GET /output/<attempt>/<step>?expires=..&signature=.. -> API v1.1's document; the signature opens it
Task<void> signed_output(Desk& desk, Exchange& exchange) {
    const auto& request = exchange.request();
    const auto name = output_of(request);
    const bool open = is_path_open(desk.settings.signing_key, request.path, request.query_value("expires").value_or(""),
                                   request.query_value("signature").value_or(""), desk.ports.clock.now());
    if (!open || !name) {
        auto refusing = refuse(exchange, httpd::message_answer(403, "This address is not valid, or not any more."));
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
    const auto escape = [&](const std::string& bytes) { return document.add(bytes); };
    auto pouring = pour(exchange, tail, std::move(*first), false, escape);
    if (!co_await pouring) {
        exchange.abort();
        co_return;
    }
    auto closing = exchange.write(document.end());
    co_await closing;
}

// News that wait for their reader. When there are too many, the reader is told to read everything again.
class Mailbox {
public:
    void put(const News& news) {
        auto lines = lines_.lock();
        if (lines->size() >= most_news) {
            lines->clear();
            lines->push_back("{\"kind\":\"missed\"}\n");
        }
        lines->push_back(to_json_text(news) + "\n");
    }
    std::string take() {
        auto lines = lines_.lock();
        std::string all;
        for (const auto& line : *lines) all += line;
        lines->clear();
        return all;
    }

private:
    Guarded<std::deque<std::string>> lines_;
};

bool wants(const httpd::Pairs& filter, const News& news) {
    for (const auto& [name, value] : filter) {
        if (name == "project" && news.project != value) return false;
        if (name == "pipeline" && news.pipeline != value) return false;
        if (name == "workflow" && news.workflow != value) return false;
        if (name == "job" && news.job != value) return false;
        if (name == "output" && value == "false" && news.kind == NewsKind::output) return false;
    }
    return true;
}

// GET /api/v2/gyre/events -> one News a line; an empty line at the beginning, and as a sign of life
Task<void> events(Desk& desk, Exchange& exchange) {
    auto mailbox = std::make_shared<Mailbox>();
    const auto subscription = desk.ports.live.subscribe(
        [mailbox, filter = exchange.request().query, wake = exchange.waker()](const News& news) {
            if (!wants(filter, news)) return;
            mailbox->put(news);
            wake();
        });
    Response head;
    head.with("content-type", "application/x-ndjson; charset=utf-8").with("cache-control", "no-store");
    head.with("x-accel-buffering", "no");
    auto beginning = exchange.begin(std::move(head));
    bool more = co_await beginning;
    if (more) {
        auto greeting = exchange.write("\n");
        more = co_await greeting;
    }
    while (more) {
        auto waiting = exchange.wait(look_again);
        const auto woken = co_await waiting;
        if (woken == Woken::gone || woken == Woken::stopping) break;
        std::string lines = mailbox->take();
        auto writing = exchange.write(lines.empty() ? std::string("\n") : std::move(lines));
        more = co_await writing;
    }
}

Result<Artifact> artifact_of(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(const auto artifacts, desk.ports.records.artifacts(JobId{request.param("job")}));
    for (const auto& artifact : artifacts) {
        if (std::to_string(artifact.task) == request.param("task") && artifact.path == request.param("path"))
            return artifact;
    }
    return not_found("Artifact not found.");
}

struct OpenArtifact {
    Artifact artifact;
    httpd::Range range;
    std::unique_ptr<BlobReader> reader;
};

Result<OpenArtifact> open_artifact(Desk& desk, const Request& request) {
    OpenArtifact open;
    GYRE_TRY_ASSIGN(open.artifact, artifact_of(desk, request));
    open.range = httpd::range_of(request, open.artifact.size);
    GYRE_TRY_ASSIGN(open.reader, desk.ports.blobs.open(open.artifact.blob, open.range.from));
    return open;
}

Response out_of_range(const OpenArtifact& open) {
    auto answer = httpd::message_answer(416, "The artifact has " + std::to_string(open.artifact.size) + " bytes.");
    return std::move(answer).with("content-range", httpd::content_range(open.range, open.artifact.size));
}

Response artifact_head(const OpenArtifact& open) {
    const auto type = artifact_type(open.artifact.path);
    Response head;
    head.with("content-type", std::string(type.content_type));
    head.with("content-length", std::to_string(open.range.length));
    head.with("content-disposition", disposition(type, open.artifact.path));
    head.with("content-security-policy", "sandbox; default-src 'none'").with("accept-ranges", "bytes");
    head.with("cache-control", "private, no-cache").with("cross-origin-resource-policy", "same-origin");
    if (open.range.kind == httpd::RangeKind::part) {
        head.status = 206;
        head.with("content-range", httpd::content_range(open.range, open.artifact.size));
    }
    return head;
}

// GET /artifacts/<job>/<task>/<path> -> the bytes
Task<void> artifact_bytes(Desk& desk, Exchange& exchange) {
    auto opening = httpd::on_worker(exchange, [&] { return open_artifact(desk, exchange.request()); });
    const auto open = co_await opening;
    if (!open || open->range.kind == httpd::RangeKind::unsatisfiable) {
        auto refusing = refuse(exchange, open ? out_of_range(*open) : httpd::error_answer(open.error()));
        co_await refusing;
        co_return;
    }
    auto left = static_cast<std::size_t>(open->range.length);
    auto beginning = exchange.begin(artifact_head(*open));
    bool more = co_await beginning;
    while (more && left > 0) {
        auto reading = httpd::on_worker(exchange, [&] { return open->reader->read(std::min(piece_size, left)); });
        auto piece = co_await reading;
        if (!piece || piece->empty()) {
            exchange.abort();
            co_return;
        }
        left -= piece->size();
        auto writing = exchange.write(std::move(*piece));
        more = co_await writing;
    }
}

}  // namespace

std::string open_output_path(const Desk& desk, const AttemptRef& attempt, int step) {
    const std::string path = "/output/" + attempt.id().text + "/" + std::to_string(step);
    return sign_path(desk.settings.signing_key, path, desk.ports.clock.now() + output_open_for);
}

void add_stream_routes(Desk& desk, httpd::Router& router) {
    desk.get_stream(router, "/api/v2/gyre/output/:attempt/:step", raw_output);
    desk.get_stream(router, "/api/v2/gyre/events", events);
    desk.get_stream(router, "/artifacts/:job/:task/*path", artifact_bytes);
    router.add({.method = "GET", .pattern = "/output/:attempt/:step", .stream = [&desk](Exchange& exchange) {
                    return signed_output(desk, exchange);
                }});
}

}  // namespace gyre::api
