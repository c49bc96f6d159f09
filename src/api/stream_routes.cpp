#include <algorithm>
#include <deque>

#include "api/artifact_type.h"
#include "api/places.h"
#include "api/routes.h"
#include "base/guarded.h"
#include "httpd/range.h"

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;
using httpd::Woken;

namespace {

constexpr std::size_t piece_size = 128 * 1024;
constexpr Duration look_again{15'000};   // where news could have been missed
constexpr std::size_t most_news = 1000;  // kept for a reader that is slow

Task<void> refuse(Exchange& exchange, Response response) {
    auto answering = exchange.answer(std::move(response));
    co_await answering;
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

void add_stream_routes(Desk& desk, httpd::Router& router) {
    desk.get_stream(router, "/api/v2/gyre/events", events);
    desk.get_stream(router, "/artifacts/:job/:task/*path", artifact_bytes);
}

}  // namespace gyre::api
