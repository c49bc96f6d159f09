#include "agent/claim.h"

#include <poll.h>
#include <unistd.h>

#include "agent/gateway_client.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

// An answer that was lost may have given us work: asking again gets the same answer, if the server is back in time.
constexpr auto longest_absence = 15s;
constexpr JsonLimits assignment_limits{.bytes = 16 << 20, .depth = 64};

http::Request request_for(const ClaimSettings& settings) {
    http::Request request{
        .method = "POST",
        .target = "/agent/v1/claim",
        .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + settings.launch_key}}};
    request.text =
        to_json_text(wire::ClaimRequest{.client = settings.client, .process = ::getpid(), .wait_ms = settings.wait_ms});
    request.patience = std::chrono::milliseconds(settings.wait_ms) + 30s;
    return request;
}

std::string reason_in(const http::Response& refusal) {
    const auto body = parse_json(refusal.body);
    const auto* object = body ? body->if_object() : nullptr;
    const auto* message = object ? object->if_contains("message") : nullptr;
    if (message == nullptr || !message->is_string()) return "status " + std::to_string(refusal.status);
    return std::string(message->get_string());
}

bool is_ended(int leash) {
    pollfd look{leash, POLLIN, 0};
    return leash >= 0 && ::poll(&look, 1, 0) == 1;
}

}  // namespace

std::optional<wire::Assignment> claim(const ClaimSettings& settings) {
    http::Client client(settings.server, {.cancel = settings.leash});
    const http::Request request = request_for(settings);
    auto last_contact = std::chrono::steady_clock::now();
    bool had_contact = false;
    BackOff back_off;
    while (true) {
        const auto answer = client.send(request);
        if (!answer && is_ended(settings.leash)) return std::nullopt;
        if (answer && answer->status == 204) {
            had_contact = true;
            last_contact = std::chrono::steady_clock::now();
            back_off.reset();
            continue;
        }
        if (answer && answer->status == 200) {
            auto assignment = from_json_text<wire::Assignment>(answer->body, assignment_limits);
            if (assignment) return std::move(*assignment);
            log::error("agent", "the work that was given is not understood: {}", assignment.error().message);
            return std::nullopt;
        }
        if (answer && answer->status < 500) {
            log::error("agent", "the server refused to give work: {}", reason_in(*answer));
            return std::nullopt;
        }
        const bool gone = std::chrono::steady_clock::now() - last_contact > longest_absence;
        if (gone || (!had_contact && client.was_refused())) return std::nullopt;
        had_contact = had_contact || !client.was_refused();
        sleep_unless(settings.leash, back_off.next(client.was_refused()));
    }
}

}  // namespace gyre::agent
