#include <deque>

#include "api/artifact_type.h"
#include "api/blob_part.h"
#include "api/places.h"
#include "api/routes.h"
#include "base/guarded.h"

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;
using httpd::Woken;

namespace {

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
    BlobPart part;
};

Result<OpenArtifact> open_artifact(Desk& desk, const Request& request) {
    OpenArtifact open;
    GYRE_TRY_ASSIGN(open.artifact, artifact_of(desk, request));
    GYRE_TRY_ASSIGN(open.part, open_part(desk.ports.blobs, open.artifact.blob, request));
    return open;
}

Response artifact_head(const Artifact& artifact) {
    const auto type = artifact_type(artifact.path);
    Response head;
    head.with("content-type", std::string(type.content_type));
    head.with("content-disposition", disposition(type, artifact.path));
    head.with("content-security-policy", "sandbox; default-src 'none'");
    head.with("cache-control", "private, no-cache").with("cross-origin-resource-policy", "same-origin");
    return head;
}

// GET /artifacts/<job>/<task>/<path> -> the bytes
Task<void> artifact_bytes(Desk& desk, Exchange& exchange) {
    auto opening = httpd::on_worker(exchange, [&] { return open_artifact(desk, exchange.request()); });
    auto open = co_await opening;
    if (!open) {
        auto refusing = refuse(exchange, httpd::error_answer(open.error()));
        co_await refusing;
        co_return;
    }
    auto sending = send_part(exchange, std::move(open->part), artifact_head(open->artifact));
    co_await sending;
}

}  // namespace

void add_stream_routes(Desk& desk, httpd::Router& router) {
    desk.get_stream(router, "/api/v2/gyre/events", events);
    desk.get_stream(router, "/artifacts/:job/:task/*path", artifact_bytes);
}

}  // namespace gyre::api
