#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "gateway/attempts.h"
#include "gateway/gateway.h"

// The claim call: an agent waits in line until it is given an attempt.

namespace gyre::gateway {
namespace {

constexpr Duration longest_wait{60'000};
constexpr std::size_t body_limit = 64 * 1024;
constexpr std::size_t most_put_off = 16;  // by one claim, which the others wait for

httpd::Response assignment_answer(std::string text) {
    return httpd::Response{.body = std::move(text)}.with("content-type", "application/json; charset=utf-8");
}

// The attempt is not for this agent, nor for any other.
bool is_refusal(const Error& error) { return error.fault == Fault::conflict || error.fault == Fault::not_found; }

// Derived, not random, and different for each process: so that the next server, too, can answer a claim again whose
// answer was lost.
std::string token_of(const std::string& key, const AttemptRef& attempt, Timestamp placed_at,
                     const wire::ClaimRequest& request) {
    return to_hex(hmac_sha256(key, "attempt\n" + attempt.id().text + "|" + request.client + "|" +
                                       std::to_string(request.process) + "|" + std::to_string(to_millis(placed_at))));
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
        const std::string reason = "this server speaks version " + std::to_string(wire::protocol_version) +
                                   " of the agent protocol, and the agent version " +
                                   std::to_string(request->protocol) + ": install its own gyre-agent";
        log::warn("gateway", "no work for process {} of {}: {}", request->process, request->client.substr(0, 100),
                  reason);
        answer = httpd::message_answer(410, reason);
    } else {
        const auto until = ports_.clock.steady() + std::clamp(Duration{request->wait_ms}, Duration{0}, longest_wait);
        const Place place(claims_, *request, exchange.waker());
        while (true) {
            const bool local = exchange.request().local;
            auto claiming = httpd::on_worker(exchange, [&] { return claim_now(*request, place.ticket(), local); });
            auto assignment = co_await claiming;
            if (!assignment) answer = httpd::error_answer(assignment.error());
            if (assignment && !assignment->empty()) answer = assignment_answer(std::move(*assignment));
            if (assignment && assignment->empty() && local) ports_.launcher.waits(request->process);
            const auto left = std::chrono::ceil<Duration>(until - ports_.clock.steady());
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
    if (closed_) return std::string();
    if (const auto holder = holder_of(request)) {
        auto again = answer_again(holder, request, local);
        if (again || !is_refusal(again.error())) return again;
    }
    std::vector<AttemptRef> put_off;
    auto claimed = claim_offered(request, ticket, local, put_off);
    for (const auto& attempt : put_off) claims_.put_back(attempt);
    return claimed;
}

// What cannot be handed out now, such as a job whose secrets do not open, holds up none behind it. `unavailable` when
// there was nothing else.
Result<std::string> Gateway::claim_offered(const wire::ClaimRequest& request, const Claims::TicketHandle& ticket,
                                           bool local, std::vector<AttemptRef>& put_off) {
    Result<std::string> nothing = std::string();
    while (put_off.size() < most_put_off) {
        const auto offered = claims_.take(ticket);
        if (!offered) break;
        auto assigned = assign(*offered, request, local, put_off);
        const bool is_later = !put_off.empty() && put_off.back() == *offered;
        if (assigned || (!is_later && !is_refusal(assigned.error()))) return assigned;
        log::info("gateway", "attempt {} is not handed out: {}", offered->id().text, assigned.error().message);
        if (is_later) nothing = assigned.error();
    }
    return nothing;
}

// What a process holds that claims again: it did not hear our answer, or that of the server before us.
HolderHandle Gateway::holder_of(const wire::ClaimRequest& request) {
    if (request.process == 0) return nullptr;
    return holders_.find_if([&](const Holder& holder) {
        if (holder.heard) return false;
        const auto token = token_of(settings_.launch_key, holder.attempt, holder.placed_at, request);
        return equal_in_constant_time(holder.token_hash, sha256_hex(token));
    });
}

Result<std::string> Gateway::answer_again(const HolderHandle& holder, const wire::ClaimRequest& request, bool local) {
    if (holder->assignment.empty()) {
        GYRE_TRY_ASSIGN(const auto steps, ports_.records.steps(holder->attempt));
        if (!steps.empty()) return conflict("an earlier process of this number has begun the attempt");
        const auto token = token_of(settings_.launch_key, holder->attempt, holder->placed_at, request);
        GYRE_TRY_ASSIGN(holder->assignment, assignment_text(holder->attempt, token));
    }
    return take(holder, request, local);
}

Result<std::string> Gateway::assign(const AttemptRef& attempt, const wire::ClaimRequest& request, bool local,
                                    std::vector<AttemptRef>& put_off) {
    const auto holder = prepare(attempt, request, put_off);
    if (!holder) {
        const bool goes_on = std::ranges::find(put_off, attempt) != put_off.end();
        if (holder.error().fault == Fault::unavailable && !goes_on) claims_.offer(attempt);
        return holder.error();
    }
    if (!holders_.add(*holder, ports_.clock.steady())) return conflict("another agent is taking it");
    wake_watcher();
    return take(*holder, request, local);
}

// All that can be read or made before the claim.
Result<HolderHandle> Gateway::prepare(const AttemptRef& attempt, const wire::ClaimRequest& request,
                                      std::vector<AttemptRef>& put_off) {
    GYRE_TRY_ASSIGN(const auto stored, load_attempt(ports_.workflows, attempt));
    if (stored.attempt.state != AttemptState::placed) return conflict("it is taken or over already");
    const auto token = token_of(settings_.launch_key, attempt, stored.attempt.placed_at, request);
    auto text = assignment_text(attempt, token);
    if (!text && text.error().fault == Fault::unavailable) {
        put_off.push_back(attempt);
        return text.error();
    }
    if (!text) return give_up(attempt, text.error());
    auto holder = std::make_shared<Holder>();
    holder->attempt = attempt;
    holder->project = stored.project;
    holder->workflow = stored.workflow;
    holder->token_hash = sha256_hex(token);
    holder->placed_at = stored.attempt.placed_at;
    holder->limit_at = ports_.clock.steady() + Duration{settings_.limits.job_ms} + settings_.past_limit;
    holder->assignment = std::move(*text);
    return holder;
}

// No agent can be given this attempt, now or later.
Error Gateway::give_up(const AttemptRef& attempt, const Error& error) {
    const std::string reason = "the job cannot be handed to an agent: " + error.message;
    const bool refused = error.fault == Fault::denied;
    const auto told = refused ? ports_.front_door.handle(ContextsRefused{attempt.job, error.message})
                              : ports_.front_door.handle(TaskFinished{attempt, InfrastructureFailed{reason, false}});
    if (!told) return told.error();
    if (refused) end_unclaimed(attempt);
    return conflict(reason);
}

Result<std::string> Gateway::assignment_text(const AttemptRef& attempt, const std::string& token) {
    GYRE_TRY_ASSIGN(auto assignment, assignments_(attempt));
    assignment.attempt = attempt;
    assignment.token = token;
    assignment.heartbeat_ms = static_cast<int>(settings_.heartbeat.count());
    assignment.lease_ms = static_cast<int>(settings_.lease.count());
    assignment.limits = settings_.limits;
    assignment.others_take_over = settings_.others_take_over;
    if (ports_.ssh) assignment.ssh = ports_.ssh->access_now(attempt.job);
    return to_json_text(assignment);
}

// Holder and launcher know before the claim is told: whatever happens on the way, a wish to stop, the agent's death and
// the end of the lease find somebody. A claim that may or may not be stored stays; the process may ask again.
Result<std::string> Gateway::take(const HolderHandle& holder, const wire::ClaimRequest& request, bool local) {
    const auto id = holder->attempt.id();
    if (local && !ports_.launcher.took(request.process, id.text)) return refuse_ended(holder);
    if (!holder->claimed) {
        const auto told = ports_.front_door.handle(TaskClaimed{holder->attempt, holder->token_hash});
        if (!told && is_refusal(told.error())) {
            holders_.remove(id);
            if (local) ports_.launcher.took(request.process, "");
            const std::lock_guard lock(holder->words);
            if (holder->stop) end_unclaimed(holder->attempt);
        }
        if (!told) return told.error();
        holder->claimed = true;
    }
    holders_.renew(id, ports_.clock.steady());
    return holder->assignment;
}

// The process that asks is gone; its connection does not know it yet. What it did not begin is the next one's: handing
// it out, and losing it, again and again would use up all tries of a task at once.
Error Gateway::refuse_ended(const HolderHandle& holder) {
    if (holder->claimed) {
        lose(holder->attempt.id(), "the agent process ended");
    } else {
        holders_.remove(holder->attempt.id());
        claims_.offer(holder->attempt);
    }
    return unavailable("the agent that asks has ended");
}

}  // namespace gyre::gateway
