#include "gateway/gateway.h"

#include "base/digest.h"
#include "base/log.h"

namespace gyre::gateway {

using httpd::message_answer;
using httpd::Request;
using httpd::Response;

namespace {

constexpr std::size_t small_body = 64 * 1024;
constexpr std::size_t steps_body = 8 << 20;
constexpr std::size_t tests_body = 20 << 20;
constexpr std::size_t stream_body = std::size_t{64} << 30;  // the handlers hold to their own limits

constexpr std::string_view attempts_path = "/agent/v1/attempts/:id/";

std::string bearer(const Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto value = request.header("authorization");
    return value.starts_with(scheme) ? std::string(value.substr(scheme.size())) : std::string();
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
    add_call(router, "POST", "finish", &Gateway::finish, small_body);
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
    auto holder = holders_.find(id);
    if (!holder) {
        auto stored = holder_in_store(id.text, hash);
        if (!stored && stored.error().fault == Fault::conflict) {
            if (request.path.ends_with("/finish")) return std::nullopt;
            return fenced();
        }
        if (!stored && stored.error().fault == Fault::unavailable) return httpd::error_answer(stored.error());
        if (!stored) return message_answer(401, "the token of this attempt is not known");
        holder = *stored;
    }
    if (!equal_in_constant_time(holder->token_hash, hash)) {
        return message_answer(401, "the token of this attempt is not known");
    }
    holders_.renew(id, ports_.clock.steady());
    return std::nullopt;
}

// An attempt that is not in the table is over (conflict), unless the table missed it.
Result<HolderHandle> Gateway::holder_in_store(const std::string& attempt_id, const std::string& token_hash) {
    const auto attempt = parse_attempt_id(attempt_id);
    if (!attempt) return not_found("no such attempt");
    GYRE_TRY_ASSIGN(const auto workflow_id, ports_.workflows.workflow_of(attempt->job));
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load(workflow_id));
    for (const auto& job : workflow.jobs) {
        if (job.id != attempt->job || static_cast<std::size_t>(attempt->task) >= job.tasks.size()) continue;
        for (const auto& candidate : job.tasks[static_cast<std::size_t>(attempt->task)].attempts) {
            if (candidate.number != attempt->attempt || candidate.token_hash.empty()) continue;
            if (!equal_in_constant_time(candidate.token_hash, token_hash)) continue;
            if (candidate.state == AttemptState::finished) return conflict("the attempt is over");
            auto holder = std::make_shared<Holder>();
            holder->attempt = *attempt;
            holder->project = workflow.project;
            holder->workflow = workflow.id;
            holder->token_hash = candidate.token_hash;
            holders_.add(holder, ports_.clock.steady());
            wake_watcher();
            return holder;
        }
    }
    return not_found("no such attempt");
}

Result<void> Gateway::start() {
    GYRE_TRY_ASSIGN(const auto live, ports_.queue.live());
    const auto now = ports_.clock.steady();
    for (const auto& attempt : live) {
        if (attempt.state != AttemptState::running) continue;
        auto holder = std::make_shared<Holder>();
        holder->attempt = attempt.attempt;
        holder->project = attempt.project;
        holder->workflow = attempt.workflow;
        holder->token_hash = attempt.token_hash;
        holder->stop = attempt.stop_asked;
        holder->reason = attempt.stop_asked ? "canceled" : "";
        holders_.add(std::move(holder), now, settings_.grace_at_start);
    }
    ports_.launcher.on_death(
        [this](const std::string& attempt) { lose(AttemptId{attempt}, "the agent process ended"); });
    watcher_ = std::thread([this] { watch(); });
    return {};
}

void Gateway::stop() {
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
}

void Gateway::stop(const AttemptRef& attempt, const std::string& reason) {
    claims_.withdraw(attempt);
    const auto holder = holders_.find(attempt.id());
    if (!holder) return;
    const std::lock_guard lock(holder->words);
    holder->stop = true;
    holder->reason = reason;
}

void Gateway::lose(const AttemptId& attempt, const std::string& reason) {
    auto holder = holders_.remove(attempt);
    if (!holder) return;
    log::info("gateway", "attempt {} is lost: {}", attempt.text, reason);
    const auto told = ports_.front_door.handle(TaskLost{holder->attempt, reason});
    if (told || told.error().fault != Fault::unavailable) return;
    log::warn("gateway", "cannot record that attempt {} is lost, will try again: {}", attempt.text,
              told.error().message);
    holders_.put_back(std::move(holder), ports_.clock.steady());
    wake_watcher();
}

void Gateway::look_at_leases() {
    const std::string reason =
        "no word from the agent for " + std::to_string((settings_.lease + settings_.lease_slack).count() / 1000) + " s";
    for (const auto& holder : holders_.expired(ports_.clock.steady())) {
        ports_.launcher.kill(holder->attempt.id().text);
        lose(holder->attempt.id(), reason);
    }
}

// Passing through the lock makes sure that the watcher is either asleep, or has not looked at the leases yet.
void Gateway::wake_watcher() {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
}

// Sleeps until the next lease could end: without live attempts, for ever.
void Gateway::watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next = holders_.next_expiry();
        if (!next) {
            changed_.wait(lock);
            continue;
        }
        const auto left = *next - ports_.clock.steady();
        if (left > left.zero()) {
            changed_.wait_for(lock, left);
            continue;
        }
        lock.unlock();
        look_at_leases();
        lock.lock();
    }
}

}  // namespace gyre::gateway
