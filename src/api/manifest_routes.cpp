#include <algorithm>

#include "api/blob_part.h"
#include "api/job_facts.h"
#include "api/places.h"
#include "api/routes.h"
#include "model/chunk_list.h"
#include "model/job_manifest.h"

// What a job ran with, and the caches and layers that it was given, for `gyre replay` and `gyre jobs diff`.

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;

namespace {

struct FoundManifest {
    JobScene scene;
    AttemptRef attempt;
    JobManifest manifest;
};

// ?task=N (0) &attempt=N (the task's last)
Result<AttemptRef> attempt_of_request(const JobScene& scene, const Request& request) {
    GYRE_TRY_ASSIGN(const auto index, request.query_number("task", 0, 0, 1'000'000));
    GYRE_TRY_ASSIGN(const auto number, request.query_number("attempt", 0, 0, 1'000'000));
    for (const auto& task : scene.job().tasks) {
        if (task.index != index || task.attempts.empty()) continue;
        const int last = task.attempts.back().number;
        const int wanted = number == 0 ? last : static_cast<int>(number);
        if (wanted <= last) return AttemptRef{scene.job().id, task.index, wanted};
    }
    return not_found("There is no such attempt of this job.");
}

Result<FoundManifest> manifest_of_request(Desk& desk, const Request& request) {
    FoundManifest found;
    GYRE_TRY_ASSIGN(found.scene, scene_of_request(desk, request));
    GYRE_TRY_ASSIGN(found.attempt, attempt_of_request(found.scene, request));
    GYRE_TRY_ASSIGN(const auto body, desk.ports.records.manifest(found.attempt));
    if (!body)
        return not_found(
            "There is no manifest of this attempt: it has not ended, its agent was lost, or it ran before there were "
            "any.");
    auto manifest = read_manifest(*body);
    if (!manifest) return corrupt("the manifest cannot be read: " + manifest.error().message);
    found.manifest = std::move(*manifest);
    return found;
}

const Attempt* attempt_in(const WorkflowJob& job, const AttemptRef& ref) {
    for (const auto& task : job.tasks) {
        for (const auto& attempt : task.attempts) {
            if (task.index == ref.task && attempt.number == ref.attempt) return &attempt;
        }
    }
    return nullptr;
}

// GET .../job/<n>/manifest
Answer get_manifest(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto found, manifest_of_request(desk, request));
    GYRE_TRY_ASSIGN(const auto steps, steps_now(desk, found.attempt));
    const auto* attempt = attempt_in(found.scene.job(), found.attempt);
    json::value outcome = nullptr;
    if (attempt && attempt->outcome) outcome = to_json(*attempt->outcome);
    return httpd::json_answer(json::object{{"attempt", found.attempt.id().text},
                                           {"status", std::string(name_of(found.scene.job().status))},
                                           {"outcome", std::move(outcome)},
                                           {"manifest", to_json(found.manifest)},
                                           {"steps", to_json(steps)}});
}

Result<std::string> text_of_list(BlobStore& blobs, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto reader, blobs.open(name));
    if (reader->size() > largest_chunk_list) return not_found("This is no list of chunks.");
    std::string text;
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(1 << 20));
        if (piece.empty()) return text;
        text += piece;
    }
}

// The path names a tree of the manifest, and perhaps one of its chunks.
Result<std::string> blob_of_request(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(const auto found, manifest_of_request(desk, request));
    const std::string tree = request.param("blob");
    const auto trees = trees_of(found.manifest);
    if (!std::binary_search(trees.begin(), trees.end(), tree))
        return not_found("The manifest names no such cache or layer.");
    const std::string chunk = request.param("chunk");
    if (chunk.empty()) return tree;
    GYRE_TRY_ASSIGN(const std::string list, text_of_list(desk.ports.blobs, tree));
    if (!is_blob_name(chunk) || !names_chunk(list, chunk)) return not_found("The list names no such chunk.");
    return chunk;
}

Result<BlobPart> open_blob(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(const std::string blob, blob_of_request(desk, request));
    auto part = open_part(desk.ports.blobs, blob, request);
    if (!part && part.error().fault == Fault::not_found) return not_found("It is not kept any more.");
    return part;
}

// GET .../job/<n>/trees/<blob> and .../trees/<blob>/<chunk> -> the bytes
Task<void> tree_bytes(Desk& desk, Exchange& exchange) {
    auto opening = httpd::on_worker(exchange, [&] { return open_blob(desk, exchange.request()); });
    auto part = co_await opening;
    if (!part) {
        auto refusing = exchange.answer(httpd::error_answer(part.error()));
        co_await refusing;
        co_return;
    }
    Response head;
    head.with("content-type", "application/octet-stream").with("cache-control", "private, no-cache");
    head.with("content-disposition", "attachment").with("content-security-policy", "sandbox; default-src 'none'");
    auto sending = send_part(exchange, std::move(*part), std::move(head));
    co_await sending;
}

}  // namespace

void add_manifest_routes(Desk& desk, httpd::Router& router) {
    desk.get_much_of_project(router, "/api/v2/gyre/project", "/job/:n/manifest", get_manifest);
    desk.get_stream_of_project(router, "/api/v2/gyre/project", "/job/:n/trees/:blob", tree_bytes);
    desk.get_stream_of_project(router, "/api/v2/gyre/project", "/job/:n/trees/:blob/:chunk", tree_bytes);
}

}  // namespace gyre::api
