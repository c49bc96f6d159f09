#include "gateway/gateway.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/digest.h"
#include "base/log.h"
#include "gateway/attempts.h"
#include "model/attempt_name.h"

namespace gyre::gateway {

using httpd::message_answer;
using httpd::Request;
using httpd::Response;

namespace {

constexpr std::size_t small_body = 64 * 1024;
constexpr std::size_t names_body = 128 * 1024;
constexpr std::size_t steps_body = 8 << 20;
constexpr std::size_t tests_body = 20 << 20;
constexpr std::size_t stream_body = std::size_t{64} << 30;  // the handlers hold to their own limits

constexpr std::string_view attempts_path = "/agent/v1/attempts/:id/";

std::string bearer(const Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto value = request.header("authorization");
    return value.starts_with(scheme) ? std::string(value.substr(scheme.size())) : std::string();
}

// Of an agent on this machine, as the kernel has it.
std::optional<std::int64_t> process_of(const Request& request) {
    constexpr std::string_view unix_peer = "unix:";
    const std::string_view peer = request.peer;
    std::int64_t process = 0;
    if (!request.local || !peer.starts_with(unix_peer)) return std::nullopt;
    std::from_chars(peer.data() + unix_peer.size(), peer.data() + peer.size(), process);
    return process > 0 ? std::optional(process) : std::nullopt;
}

Response fenced() { return message_answer(409, "this attempt is over: stop, and report no more"); }

}  // namespace

Gateway::Gateway(GatewayPorts ports, AssignmentSource assignments, GatewaySettings settings)
    : ports_(ports),
      assignments_(std::move(assignments)),
      settings_(std::move(settings)),
      holders_(settings_.lease + settings_.lease_slack) {}

Gateway::~Gateway() { stop(); }

void Gateway::add_routes(httpd::Router& router) {
    router.add({.method = "POST",
                .pattern = "/agent/v1/claim",
                .stream = [this](httpd::Exchange& exchange) { return claim(exchange); },
                .gatekeeper = [this](Request& request) -> std::optional<Response> {
                    if (equal_in_constant_time(sha256_hex(bearer(request)), sha256_hex(settings_.launch_key))) {
                        return std::nullopt;
                    }
                    return message_answer(401, "the launch key is not known");
                },
                .body_limit = small_body});
    add_call(router, "POST", "heartbeat", &Gateway::heartbeat, small_body);
    add_call(router, "POST", "steps", &Gateway::steps, steps_body);
    add_call(router, "GET", "cache", &Gateway::find_cache, small_body);
    add_call(router, "POST", "cache", &Gateway::add_cache, small_body);
    add_call(router, "GET", "workspace", &Gateway::workspace, small_body);
    add_call(router, "POST", "workspace", &Gateway::add_layer, small_body);
    add_call(router, "POST", "artifacts", &Gateway::add_artifact, small_body);
    add_call(router, "POST", "tests", &Gateway::add_tests, tests_body);
    add_call(router, "GET", "tests", &Gateway::tell_tests, small_body);
    add_call(router, "GET", "others", &Gateway::tell_other_tasks, small_body);
    add_call(router, "POST", "ssh", &Gateway::note_ssh, small_body * 2);
    add_call(router, "POST", "usage", &Gateway::note_usage, small_body);
    add_call(router, "POST", "finish", &Gateway::finish, steps_body);
    add_call(router, "POST", "blobs", &Gateway::lacking_blobs, names_body);
    add_stream(router, "PUT", "output/:step", &Gateway::put_output);
    add_stream(router, "PUT", "blobs/:blob", &Gateway::put_blob);
    add_stream(router, "GET", "blobs/:blob", &Gateway::get_blob);
}

void Gateway::add_call(httpd::Router& router, std::string method, std::string path, Call call, std::size_t body_limit) {
    const bool answers_from_memory = call == &Gateway::heartbeat;
    router.add({.method = std::move(method),
                .pattern = std::string(attempts_path) + path,
                .handler = [this, call](Request& request) -> Response {
                    const auto holder = holders_.find(AttemptId{request.param("id")});
                    // Only the end of an attempt may be told again when it is over.
                    if (!holder && call != &Gateway::finish) return fenced();
                    auto answer = (this->*call)(holder, request);
                    return answer ? std::move(*answer) : httpd::error_answer(answer.error());
                },
                .gatekeeper = [this](Request& request) { return admit(request); },
                .runs_on = answers_from_memory ? httpd::RunsOn::loop : httpd::RunsOn::worker,
                .body_limit = body_limit});
}

void Gateway::add_stream(httpd::Router& router, std::string method, std::string path,
                         httpd::Task<void> (Gateway::*stream)(httpd::Exchange&)) {
    router.add({.method = std::move(method),
                .pattern = std::string(attempts_path) + path,
                .stream = [this, stream](httpd::Exchange& exchange) { return (this->*stream)(exchange); },
                .gatekeeper = [this](Request& request) { return admit(request); },
                .body_limit = stream_body});
}

// Lets in who shows the token of the attempt, and renews the lease.
std::optional<Response> Gateway::admit(Request& request) {
    const AttemptId id{request.param("id")};
    const std::string hash = sha256_hex(bearer(request));
    const auto holder = holders_.find(id);
    if (!holder) {
        const auto known = check_past_token(id.text, hash);
        if (!known && known.error().fault == Fault::unavailable) return httpd::error_answer(known.error());
        if (!known) return message_answer(401, "the token of this attempt is not known");
        if (request.path.ends_with("/finish")) return std::nullopt;
        return fenced();
    }
    if (!equal_in_constant_time(holder->token_hash, hash)) {
        return message_answer(401, "the token of this attempt is not known");
    }
    const bool is_first = !holder->heard.exchange(true);
    // Perhaps of an earlier server: from now on its death is seen as that of our own.
    if (const auto process = is_first ? process_of(request) : std::nullopt)
        (void)ports_.launcher.took(*process, id.text);
    holders_.renew(id, ports_.clock.steady());
    return std::nullopt;
}

// An attempt that nobody holds is over, or about to be; its own agent may know, and nobody else.
Result<void> Gateway::check_past_token(const std::string& attempt_id, const std::string& token_hash) {
    const auto attempt = parse_attempt_id(attempt_id);
    if (!attempt) return not_found("no such attempt");
    GYRE_TRY_ASSIGN(const auto stored, load_attempt(ports_.workflows, *attempt));
    const auto& known = stored.attempt.token_hash;
    if (!known.empty() && equal_in_constant_time(known, token_hash)) return {};
    return not_found("no such attempt");
}

Result<void> Gateway::adopt() {
    GYRE_TRY_ASSIGN(const auto live, ports_.queue.live());
    const auto now = ports_.clock.steady();
    const auto wall = ports_.clock.now();
    for (const auto& attempt : live) {
        if (attempt.state != AttemptState::running) continue;
        if (!settings_.client.empty() && attempt.client != settings_.client) continue;
        auto holder = std::make_shared<Holder>();
        holder->attempt = attempt.attempt;
        holder->project = attempt.project;
        holder->workflow = attempt.workflow;
        holder->token_hash = attempt.token_hash;
        holder->placed_at = attempt.placed_at;
        // How long it has run is the wall clock's word: whatever that says, the agent gets its time to report.
        const Duration limit{settings_.limits.job_ms};
        holder->limit_at =
            now + limit - std::clamp(wall - attempt.placed_at, Duration{0}, limit) + settings_.past_limit;
        holder->claimed = true;
        holder->stop = attempt.stop_asked;
        holder->reason = attempt.stop_asked ? "canceled" : "";
        holders_.add(std::move(holder), now, settings_.grace_at_start);
    }
    ports_.launcher.on_death(
        [this](const std::string& attempt) { lose(AttemptId{attempt}, "the agent process ended"); });
    return {};
}

Result<void> Gateway::start() {
    GYRE_TRY(adopt());
    if (ports_.ssh) ports_.ssh->start();
    watcher_ = std::thread([this] { watch(); });
    return {};
}

void Gateway::stop() {
    {
        const std::lock_guard turn(claim_turn_);
        closed_ = true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        stopping_ = true;
    }
    changed_.notify_all();
    if (watcher_.joinable()) {
        ports_.launcher.on_death([](const std::string&) {});
        watcher_.join();
    }
    if (ports_.ssh) ports_.ssh->stop();
}

void Gateway::offer(const AttemptRef& attempt) {
    if (!holders_.find(attempt.id())) claims_.offer(attempt);
}

void Gateway::stop(const AttemptRef& attempt, const std::string& reason) {
    claims_.withdraw(attempt);
    if (!holders_.ask_to_stop(attempt.id(), reason)) end_unclaimed(attempt);
}

// A canceled attempt that no agent has taken: nobody else will say that it is over. One that runs is in the table as
// soon as we have started. When the store is broken, dispatch's next look ends the attempt.
void Gateway::end_unclaimed(const AttemptRef& attempt) {
    const auto stored = load_attempt(ports_.workflows, attempt);
    if (stored && stored->attempt.state != AttemptState::placed) return;
    const auto told = stored ? ports_.front_door.handle(TaskFinished{attempt, Canceled{}}) : stored.error();
    if (told || told.error().fault == Fault::not_found || told.error().fault == Fault::conflict) return;
    log::warn("gateway", "cannot record that attempt {} is canceled: {}", attempt.id().text, told.error().message);
}

void Gateway::lose(const AttemptId& attempt, const std::string& lost_by) {
    const auto holder = holders_.fence(attempt);
    if (!holder) return;
    const auto recorded = record_loss(*holder, lost_by);
    if (recorded) return holders_.remove(attempt);
    log::warn("gateway", "cannot record that attempt {} is lost, will try again: {}", attempt.text,
              recorded.error().message);
    holders_.fence_again_later(attempt, ports_.clock.steady());
    wake_watcher();
}

// Beyond its limit, the job has timed out, however its agent was lost. Errors: unavailable; nothing else speaks against
// a loss.
Result<void> Gateway::record_loss(Holder& holder, const std::string& lost_by) {
    const bool overdue = holder.limit_at <= ports_.clock.steady();
    const std::string reason = overdue ? "the job ran longer than its limit of " +
                                             std::to_string(settings_.limits.job_ms / 60'000) +
                                             " minutes, and its agent did not end it"
                                       : lost_by;
    const Event end =
        overdue ? Event(TaskFinished{holder.attempt, TimedOut{reason}}) : Event(TaskLost{holder.attempt, reason});
    log::info("gateway", "attempt {} is lost: {}", holder.attempt.id().text, reason);
    auto told = end_steps(holder, overdue ? StepStatus::timedout : StepStatus::infrastructure_fail);
    if (told || told.error().fault != Fault::unavailable) told = ports_.front_door.handle(end);
    if (!told && told.error().fault == Fault::unavailable) return told;
    return {};
}

Result<void> Gateway::lose_of_another(const LiveAttempt& attempt, const std::string& reason) {
    Holder holder;
    holder.attempt = attempt.attempt;
    holder.project = attempt.project;
    holder.workflow = attempt.workflow;
    return record_loss(holder, reason);
}

// One that was placed after `live` was read is not in it either: what is stored of each decides.
void Gateway::fence_what_others_ended(const std::vector<LiveAttempt>& live) {
    std::set<AttemptRef> lives;
    for (const auto& attempt : live) lives.insert(attempt.attempt);
    for (const auto& attempt : holders_.attempts()) {
        if (lives.contains(attempt)) continue;
        const auto stored = load_attempt(ports_.workflows, attempt);
        if (!stored || stored->attempt.state != AttemptState::finished) continue;
        const auto holder = holders_.find(attempt.id());
        if (!holder || holder->ending || !holders_.fence(attempt.id())) continue;  // its end was told here
        log::warn("gateway", "attempt {} was ended by another server: its agent is to stop", attempt.id().text);
        ports_.launcher.kill(attempt.id().text);
        holders_.remove(attempt.id());
    }
}

// Nobody else will say how the steps of a lost attempt ended.
Result<void> Gateway::end_steps(Holder& holder, StepStatus as) {
    const std::lock_guard turn(holder.turn);
    GYRE_TRY_ASSIGN(auto steps, ports_.records.steps(holder.attempt));
    std::erase_if(steps, [](const auto& step) { return step.status != StepStatus::running; });
    if (steps.empty()) return {};
    for (auto& step : steps) {
        const auto now = ports_.clock.now();
        step.status = as;
        step.stopped_at = std::max(now, step.started_at.value_or(now));
        if (step.started_at) step.run_time_ms = std::max<std::int64_t>((now - *step.started_at).count(), 0);
        GYRE_TRY_ASSIGN(step.output_bytes, ports_.outputs.length({holder.attempt, step.index}));
    }
    return ports_.records.save_steps(holder.attempt, steps);
}

void Gateway::look_at_leases(Duration late) {
    const auto now = ports_.clock.steady();
    if (late > settings_.heartbeat) {
        log::warn("gateway", "the server stood still for {} ms: every lease is prolonged", late.count());
        holders_.grant_all(now, settings_.grace_at_start);
    }
    const std::string reason =
        "no word from the agent for " + std::to_string((settings_.lease + settings_.lease_slack).count() / 1000) + " s";
    for (const auto& holder : holders_.expired(now)) {
        ports_.launcher.kill(holder->attempt.id().text);
        lose(holder->attempt.id(), reason);
    }
    while (const auto overdue = holders_.find_if([&](const Holder& holder) { return holder.limit_at <= now; })) {
        ports_.launcher.kill(overdue->attempt.id().text);
        lose(overdue->attempt.id(), reason);
    }
}

// Passing through the lock makes sure that the watcher is either asleep, or has not looked at the leases yet.
void Gateway::wake_watcher() {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
}

// Sleeps until the next lease could end, but not for long, so that a pause of the whole process is seen: without live
// attempts, for ever.
void Gateway::watch() {
    using RealTime = std::chrono::steady_clock;
    std::unique_lock lock(mutex_);
    auto planned = RealTime::now();
    while (!stopping_) {
        const auto next = holders_.next_expiry();
        if (!next) {
            changed_.wait(lock);
            planned = RealTime::now();
            continue;
        }
        const auto late = std::chrono::floor<Duration>(RealTime::now() - planned);
        const auto left = std::chrono::ceil<Duration>(*next - ports_.clock.steady());
        if (left > left.zero() && late <= settings_.heartbeat) {
            const auto nap = std::min(left, settings_.lease / 4);
            planned = RealTime::now() + nap;
            changed_.wait_for(lock, nap);
            continue;
        }
        planned = RealTime::now();  // a look that takes long is a pause, too
        lock.unlock();
        look_at_leases(late);
        lock.lock();
    }
}

}  // namespace gyre::gateway
