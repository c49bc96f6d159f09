#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"
#include "gateway/gateway.h"

// The claim call: an agent waits in line until it is given an attempt.

namespace gyre::gateway {
namespace {

constexpr Duration longest_wait{60'000};
constexpr std::size_t body_limit = 64 * 1024;

httpd::Response assignment_answer(std::string text) {
    return httpd::Response{.body = std::move(text)}.with("content-type", "application/json; charset=utf-8");
}

// Leaves the line when the handler ends, however it ends.
class Place {
public:
    Place(Claims& claims, const wire::ClaimRequest& request, std::function<void()> wake)
        : claims_(claims), ticket_(claims.join(request.client, request.process, std::move(wake))) {}
    ~Place() { claims_.leave(ticket_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const Claims::TicketHandle& ticket() const { return ticket_; }

private:
    Claims& claims_;
    Claims::TicketHandle ticket_;
};

}  // namespace

httpd::Task<void> Gateway::claim(httpd::Exchange& exchange) {
    auto reading = exchange.read_all(body_limit);
    const auto body = co_await reading;
    const auto request = body ? from_json_text<wire::ClaimRequest>(*body) : Result<wire::ClaimRequest>(body.error());
    httpd::Response answer{.status = 204};
    if (!request) {
        answer = httpd::error_answer(request.error());
    } else if (request->protocol != wire::protocol_version) {
        answer = httpd::message_answer(410, "this server speaks version " + std::to_string(wire::protocol_version) +
                                                " of the agent protocol: install its own gyre-agent");
    } else {
        const auto until =
            std::chrono::steady_clock::now() + std::clamp(Duration{request->wait_ms}, Duration{0}, longest_wait);
        const Place place(claims_, *request, exchange.waker());
        while (true) {
            const bool local = exchange.request().local;
            auto claiming = httpd::on_worker(exchange, [&] { return claim_now(*request, place.ticket(), local); });
            auto assignment = co_await claiming;
            if (!assignment) answer = httpd::error_answer(assignment.error());
            if (assignment && !assignment->empty()) answer = assignment_answer(std::move(*assignment));
            const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
            if (answer.status != 204 || claims_.is_superseded(place.ticket()) || left <= Duration{0}) break;
            auto waiting = exchange.wait(left);
            const auto woken = co_await waiting;
            if (woken != httpd::Woken::signal) break;
        }
    }
    auto answering = exchange.answer(std::move(answer));
    co_await answering;
}

// The text of an assignment; empty when there is nothing for this agent now.
Result<std::string> Gateway::claim_now(const wire::ClaimRequest& request, const Claims::TicketHandle& ticket,
                                       bool local) {
    const std::lock_guard turn(claim_turn_);
    // A process that has an attempt and claims again did not hear our answer.
    auto again = holders_.assignment_of(request.client, request.process);
    if (!again.empty()) return again;
    while (const auto offered = claims_.take(ticket)) {
        auto assigned = assign(*offered, request, local);
        if (assigned) return assigned;
        if (assigned.error().fault == Fault::unavailable) {
            claims_.offer(*offered);
            return assigned.error();
        }
        log::info("gateway", "attempt {} is not handed out: {}", offered->id().text, assigned.error().message);
    }
    return std::string();
}

Result<std::string> Gateway::assign(const AttemptRef& attempt, const wire::ClaimRequest& request, bool local) {
    auto assignment = assignments_(attempt);
    if (!assignment && assignment.error().fault == Fault::unavailable) return assignment.error();
    const std::string token = random_token();
    GYRE_TRY(ports_.front_door.handle(TaskClaimed{attempt, sha256_hex(token)}));
    if (!assignment) {
        const std::string reason = "the job cannot be handed to an agent: " + assignment.error().message;
        GYRE_TRY(ports_.front_door.handle(TaskFinished{attempt, InfrastructureFailed{reason, false}}));
        return assignment.error();
    }
    GYRE_TRY_ASSIGN(const auto workflow_id, ports_.workflows.workflow_of(attempt.job));
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load(workflow_id));
    assignment->attempt = attempt;
    assignment->token = token;
    assignment->heartbeat_ms = static_cast<int>(settings_.heartbeat.count());
    assignment->lease_ms = static_cast<int>(settings_.lease.count());
    assignment->limits = settings_.limits;
    auto holder = std::make_shared<Holder>();
    holder->attempt = attempt;
    holder->project = workflow.project;
    holder->workflow = workflow.id;
    holder->token_hash = sha256_hex(token);
    holder->client = request.client;
    holder->process = request.process;
    holder->assignment = to_json_text(*assignment);
    std::string text = holder->assignment;
    holders_.add(std::move(holder), ports_.clock.steady());
    wake_watcher();
    if (local) ports_.launcher.took(request.process, attempt.id().text);
    return text;
}

}  // namespace gyre::gateway
