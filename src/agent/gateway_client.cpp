#include "agent/gateway_client.h"

#include "base/json.h"

namespace gyre::agent {
namespace {

constexpr JsonLimits answer_limits{.bytes = 16 << 20, .depth = 64};

std::string message_of(const http::Response& response) {
    const auto parsed = parse_json(response.body);
    if (parsed && parsed->is_object()) {
        if (const auto* message = parsed->get_object().if_contains("message"); message && message->is_string()) {
            return std::string(message->get_string());
        }
    }
    return "status " + std::to_string(response.status);
}

Error error_of(const http::Response& response, const std::string& call) {
    const std::string message = "the server on " + call + ": " + message_of(response);
    switch (response.status) {
        case 401:
        case 409:
            return conflict(message);
        case 403:
            return denied(message);
        case 404:
            return not_found(message);
        case 413:
            return too_large(message);
        case 408:
        case 429:
            return unavailable(message);
        default:
            return response.status >= 500 ? unavailable(message) : invalid(message);
    }
}

template <typename T>
Result<T> parsed(const Result<http::Response>& response) {
    if (!response) return response.error();
    auto value = from_json_text<T>(response->body, answer_limits);
    if (!value) return corrupt("the server's answer is not understood: " + value.error().message);
    return value;
}

Result<void> without_value(const Result<http::Response>& response) {
    if (!response) return response.error();
    return {};
}

// The stored length that a 409 to a PUT carries; nothing when the 409 means that we are fenced off.
std::optional<std::int64_t> length_in(const http::Response& response) {
    const auto body = parse_json(response.body);
    if (!body || !body->is_object() || !body->get_object().contains("length")) return std::nullopt;
    const auto length = from_json<wire::Length>(*body);
    if (!length || length->length < 0) return std::nullopt;
    return length->length;
}

}  // namespace

GatewayClient::GatewayClient(const http::Endpoint& server, const AttemptId& attempt, const std::string& token,
                             JobControl& control, TryUntil until)
    : GatewayClient(server, until == TryUntil::fenced ? control.fence_event() : control.stop_event(),
                    "/agent/v1/attempts/" + http::url_encode(attempt.text), "Bearer " + token, control) {}

GatewayClient::GatewayClient(const http::Endpoint& server, int cancel, std::string base, std::string authorization,
                             JobControl& control)
    : client_(server,
              {.connect_patience = std::chrono::seconds(3), .patience = std::chrono::seconds(60), .cancel = cancel}),
      base_(std::move(base)),
      authorization_(std::move(authorization)),
      control_(&control) {}

GatewayClient GatewayClient::another(int event) const {
    return {client_.endpoint(), event, base_, authorization_, *control_};
}

Result<http::Response> GatewayClient::call(http::Request request, const http::BodySink& sink) {
    const std::string what = request.method + ' ' + request.target.substr(1, request.target.find('?') - 1);
    request.target = base_ + request.target;
    request.headers.push_back({"Authorization", authorization_});
    GYRE_TRY_ASSIGN(http::Response response, client_.send(request, sink));
    if (response.ok()) return response;
    if (response.status == 409 && request.method == "PUT" && length_in(response)) return response;
    const Error error = error_of(response, what);
    if (error.fault == Fault::conflict) control_->stop(StopReason::fenced, error.message);
    return error;
}

Result<http::Response> GatewayClient::post(const std::string& path, std::string body) {
    http::Request request{.method = "POST", .target = path, .headers = {{"Content-Type", "application/json"}}};
    request.text = std::move(body);
    return call(std::move(request));
}

Result<wire::HeartbeatAnswer> GatewayClient::heartbeat(const wire::Heartbeat& heartbeat,
                                                       std::chrono::milliseconds patience) {
    http::Request request{.method = "POST", .target = "/heartbeat", .headers = {{"Content-Type", "application/json"}}};
    request.text = to_json_text(heartbeat);
    request.patience = patience;
    return parsed<wire::HeartbeatAnswer>(call(std::move(request)));
}

Result<void> GatewayClient::report(const wire::StepReports& reports) {
    return without_value(post("/steps", to_json_text(reports)));
}

Result<std::int64_t> GatewayClient::put_part(std::string target, const FilePart& part) {
    http::Request request{
        .method = "PUT", .target = std::move(target), .headers = {{"Content-Type", "application/octet-stream"}}};
    request.file = part.file;
    request.file_offset = part.offset;
    request.file_length = part.length;
    GYRE_TRY_ASSIGN(const http::Response response, call(std::move(request)));
    if (response.status == 409) return *length_in(response);
    return part.offset + part.length;
}

Result<std::int64_t> GatewayClient::put_output(int step, const FilePart& part) {
    return put_part("/output/" + std::to_string(step) + "?offset=" + std::to_string(part.offset), part);
}

Result<std::int64_t> GatewayClient::put_blob(const std::string& sha256, std::int64_t total, const FilePart& part) {
    return put_part("/blobs/" + sha256 + "?offset=" + std::to_string(part.offset) + "&size=" + std::to_string(total),
                    part);
}

Result<std::int64_t> GatewayClient::put_blob(const std::string& sha256, std::int64_t total, std::int64_t stored,
                                             std::string_view rest) {
    http::Request request{
        .method = "PUT",
        .target = "/blobs/" + sha256 + "?offset=" + std::to_string(stored) + "&size=" + std::to_string(total),
        .headers = {{"Content-Type", "application/octet-stream"}}};
    request.text = rest;
    GYRE_TRY_ASSIGN(const http::Response response, call(std::move(request)));
    if (response.status == 409) return *length_in(response);
    return stored + std::ssize(rest);
}

Result<wire::BlobNames> GatewayClient::lacking_blobs(const wire::BlobNames& names) {
    auto answer = parsed<wire::BlobNames>(post("/blobs", to_json_text(names)));
    if (!answer && answer.error().fault == Fault::not_found) return names;
    return answer;
}

Result<bool> GatewayClient::has_blob(const std::string& sha256) {
    const auto response = call({.method = "HEAD", .target = "/blobs/" + sha256});
    if (response) return true;
    if (response.error().fault == Fault::not_found) return false;
    return response.error();
}

Result<void> GatewayClient::get_blob(const std::string& sha256, const http::BodySink& sink) {
    return without_value(call({.method = "GET", .target = "/blobs/" + sha256}, sink));
}

Result<std::optional<CacheEntry>> GatewayClient::find_cache(const std::vector<std::string>& keys) {
    std::string target = "/cache";
    for (const auto& key : keys) target += (target.size() == 6 ? "?key=" : "&key=") + http::url_encode(key);
    const auto response = call({.method = "GET", .target = target});
    if (!response && response.error().fault == Fault::not_found) return std::optional<CacheEntry>{};
    GYRE_TRY_ASSIGN(CacheEntry entry, parsed<CacheEntry>(response));
    return std::optional<CacheEntry>(std::move(entry));
}

Result<bool> GatewayClient::add_cache(const CacheEntry& entry) {
    GYRE_TRY_ASSIGN(const wire::Stored stored, parsed<wire::Stored>(post("/cache", to_json_text(entry))));
    return stored.stored;
}

Result<wire::Layers> GatewayClient::workspace() {
    return parsed<wire::Layers>(call({.method = "GET", .target = "/workspace"}));
}

Result<void> GatewayClient::add_layer(const WorkspaceLayer& layer) {
    return without_value(post("/workspace", to_json_text(layer)));
}

Result<void> GatewayClient::add_artifact(const Artifact& artifact) {
    return without_value(post("/artifacts", to_json_text(artifact)));
}

Result<void> GatewayClient::add_tests(const wire::TestBatch& batch) {
    return without_value(post("/tests", to_json_text(batch)));
}

Result<wire::EarlierTests> GatewayClient::earlier_tests() {
    return parsed<wire::EarlierTests>(call({.method = "GET", .target = "/tests"}));
}

Result<wire::OtherTasks> GatewayClient::other_tasks() {
    return parsed<wire::OtherTasks>(call({.method = "GET", .target = "/others"}));
}

Result<void> GatewayClient::tell_ssh(const wire::SshEvents& events) {
    return without_value(post("/ssh", to_json_text(events)));
}

Result<void> GatewayClient::tell_usage(const ResourceUsage& so_far, std::chrono::milliseconds patience) {
    http::Request request{.method = "POST", .target = "/usage", .headers = {{"Content-Type", "application/json"}}};
    request.text = to_json_text(so_far);
    request.patience = patience;
    return without_value(call(std::move(request)));
}

Result<void> GatewayClient::finish(const wire::Finish& finish) {
    return without_value(post("/finish", to_json_text(finish)));
}

std::chrono::milliseconds BackOff::next(bool refused) {
    using namespace std::chrono_literals;
    span_ = span_ == 0ms ? 50ms : span_ * 2;
    return span_ = std::min<std::chrono::milliseconds>(span_, refused ? 250ms : 5000ms);
}

}  // namespace gyre::agent
