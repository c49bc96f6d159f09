#include <algorithm>

#include "base/log.h"
#include "gateway/attempts.h"
#include "gateway/earlier_tests.h"
#include "gateway/gateway.h"
#include "gateway/other_tasks.h"
#include "gateway/reports.h"
#include "gateway/upstream.h"
#include "model/attempt_name.h"
#include "model/resource_usage.h"

// The short calls of a running attempt: what it reports, and what it asks for.

namespace gyre::gateway {

using httpd::Request;
using httpd::Response;

namespace {

constexpr std::size_t longest_key = 900;
constexpr std::size_t most_keys = 32;
constexpr std::size_t longest_message = 16 * 1024;
constexpr std::size_t longest_text = 4096;

template <typename T>
Result<T> read_body(const Request& request) {
    const JsonLimits limits{.bytes = request.body.size() + 1, .depth = 16};  // the route has bounded the size
    return from_json_text<T>(request.body.empty() ? "{}" : std::string_view(request.body), limits);
}

template <typename T>
Response answer_of(const T& value, int status = 200) {
    return httpd::json_answer(to_json(value), status);
}

Response done() { return httpd::json_answer(json::object{}); }

Result<void> check_key(const std::string& key) {
    if (!key.empty() && key.size() <= longest_key) return {};
    return invalid("a cache key must have 1 to " + std::to_string(longest_key) + " bytes");
}

}  // namespace

Gateway::Answer Gateway::heartbeat(const HolderHandle& holder, Request& request) {
    GYRE_TRY(read_body<wire::Heartbeat>(request));
    auto ssh = ports_.ssh ? ports_.ssh->access_of(holder->attempt.job) : std::nullopt;
    const std::lock_guard lock(holder->words);
    return answer_of(wire::HeartbeatAnswer{holder->stop, holder->reason, std::move(ssh)});
}

Gateway::Answer Gateway::steps(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto reports, read_body<wire::StepReports>(request));
    GYRE_TRY(save_steps(holder, std::move(reports.steps), Durable::now));
    return done();
}

Result<void> Gateway::save_steps(const HolderHandle& holder, std::vector<StepRecord> reported, Durable durable) {
    if (reported.size() > most_reports) return too_large("more than 1000 steps in one report");
    const std::lock_guard turn(holder->turn);
    GYRE_TRY_ASSIGN(const auto known, ports_.records.steps(holder->attempt));
    std::vector<StepRecord> merged;
    for (auto& step : reported) {
        GYRE_TRY(check_step(step));
        const auto found =
            std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.index == step.index; });
        GYRE_TRY_ASSIGN(const auto stored, ports_.outputs.length({holder->attempt, step.index}));
        const auto before = found == known.end() ? std::nullopt : std::optional(*found);
        merged.push_back(merge_step(before, std::move(step), stored, ports_.clock.now()));
    }
    GYRE_TRY(ports_.records.save_steps(holder->attempt, merged, durable));
    for (const auto& step : merged) publish(NewsKind::job, *holder, step.index, step.output_bytes);
    return {};
}

Gateway::Answer Gateway::find_cache(const HolderHandle& holder, Request& request) {
    const auto keys = request.query_values("key");
    if (keys.empty() || keys.size() > most_keys) return invalid("ask for 1 to 32 keys");
    for (const auto& key : keys) GYRE_TRY(check_key(key));
    GYRE_TRY_ASSIGN(const auto scope, cache_scope(*holder));
    GYRE_TRY_ASSIGN(const auto found, ports_.keepsakes.find_cache(scope, keys));
    if (!found) return not_found("no cache has a key that begins like one of these");
    const auto noted = ports_.keepsakes.note_use(scope, found->key, ports_.clock.now());
    if (!noted) log::warn("gateway", "the use of a cache is not noted: {}", noted.error().message);
    note_found(*holder, *found);
    return answer_of(*found);
}

Gateway::Answer Gateway::add_cache(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto entry, read_body<CacheEntry>(request));
    GYRE_TRY(check_key(entry.key));
    GYRE_TRY_ASSIGN(entry.size, tree_size(entry.blob));
    entry.created_at = ports_.clock.now();
    GYRE_TRY_ASSIGN(const auto scope, cache_scope(*holder));
    GYRE_TRY_ASSIGN(const bool stored, ports_.keepsakes.add_cache(scope, entry));
    return answer_of(wire::Stored{stored});
}

Gateway::Answer Gateway::workspace(const HolderHandle& holder, Request& /*request*/) {
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load(holder->workflow));
    GYRE_TRY_ASSIGN(auto upstream, upstream_jobs(workflow, holder->attempt.job));
    std::vector<JobId> jobs;
    wire::Layers answer;
    for (auto& job : upstream) {
        jobs.push_back(job.id);
        answer.jobs.push_back({std::move(job.id), std::move(job.after)});
    }
    GYRE_TRY_ASSIGN(answer.layers, ports_.keepsakes.layers(workflow.workspace, jobs));
    return answer_of(answer);
}

Gateway::Answer Gateway::tell_other_tasks(const HolderHandle& holder, Request& /*request*/) {
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load_job(holder->attempt.job));
    return answer_of(other_tasks(workflow.jobs.front(), holder->attempt.task));
}

Gateway::Answer Gateway::add_layer(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto layer, read_body<WorkspaceLayer>(request));
    if (layer.sequence < 0 || layer.sequence > most_steps) return invalid("a layer's sequence is out of range");
    GYRE_TRY_ASSIGN(layer.size, tree_size(layer.blob));
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load_job(holder->attempt.job));
    layer.job_name = workflow.jobs.front().name;
    GYRE_TRY(ports_.keepsakes.add_layer(workflow.workspace, holder->attempt, layer));
    return done();
}

Gateway::Answer Gateway::add_artifact(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto artifact, read_body<Artifact>(request));
    GYRE_TRY(check_artifact_path(artifact.path));
    GYRE_TRY_ASSIGN(artifact.size, blob_size(artifact.blob));
    artifact.task = holder->attempt.task;
    GYRE_TRY(ports_.records.add_artifact(holder->attempt, artifact));
    return done();
}

Gateway::Answer Gateway::add_tests(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto batch, read_body<wire::TestBatch>(request));
    if (batch.tests.size() > most_reports) return too_large("more than 1000 test cases in one batch");
    if (batch.batch < 0 || batch.batch >= most_batches) return too_large("more than 1000 batches of test cases");
    for (auto& test : batch.tests) {
        cut(test.message, longest_message);
        for (auto* text : {&test.name, &test.classname, &test.file, &test.source}) cut(*text, longest_text);
    }
    GYRE_TRY(ports_.records.add_tests(holder->attempt, batch.batch, batch.tests));
    return done();
}

Gateway::Answer Gateway::tell_tests(const HolderHandle& holder, Request& /*request*/) {
    GYRE_TRY_ASSIGN(const auto earlier, earlier_tests(holder->attempt.job, ports_.workflows, ports_.test_history));
    return answer_of(earlier);
}

Gateway::Answer Gateway::note_ssh(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(const auto told, read_body<wire::SshEvents>(request));
    if (ports_.ssh) GYRE_TRY(ports_.ssh->note(holder->attempt, told.events));
    return done();
}

// What an attempt has used so far. It needs no disk to wait for: when the server dies, the next tells more. What comes
// late must not replace what came with the end.
Gateway::Answer Gateway::note_usage(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(const auto usage, read_usage(request.body));
    const std::lock_guard turn(holder->turn);
    if (!holder->ending) GYRE_TRY(ports_.records.save_usage(holder->attempt, to_json_text(usage), Durable::some_day));
    return done();
}

// A usage that makes no sense does not hold up the end that it came with. Errors: `unavailable`.
Result<void> Gateway::save_usage(Holder& holder, const std::string& body) {
    if (body.empty()) return {};
    const std::lock_guard turn(holder.turn);  // after what came before the end, and is stored yet
    const auto usage = read_usage(body);
    auto saved = usage ? ports_.records.save_usage(holder.attempt, to_json_text(*usage), Durable::with_the_next)
                       : Result<void>(usage.error());
    if (saved || saved.error().fault == Fault::unavailable) return saved;
    log::warn("gateway", "attempt {}: its usage is not kept: {}", holder.attempt.id().text, saved.error().message);
    return {};
}

Gateway::Answer Gateway::finish(const HolderHandle& holder, Request& request) {
    GYRE_TRY_ASSIGN(auto report, read_body<wire::Finish>(request));
    if (auto* failure = std::get_if<InfrastructureFailed>(&report.outcome)) failure->counts = true;  // whatever it says
    if (!holder) {
        const auto attempt = parse_attempt_id(request.param("id"));
        if (!attempt) return not_found("no such attempt");
        return finish_again(*attempt, report.outcome);
    }
    holder->ending = true;
    // The end, which is stored next, makes all of it durable too. Records that make no sense hold up neither it nor the
    // rest.
    const auto dropped = std::erase_if(report.steps, [](const auto& step) { return !check_step(step).ok(); });
    if (dropped > 0)
        log::warn("gateway", "attempt {}: {} step reports make no sense", holder->attempt.id().text, dropped);
    const auto saved =
        report.steps.empty() ? Result<void>() : save_steps(holder, std::move(report.steps), Durable::with_the_next);
    if (!saved && saved.error().fault == Fault::unavailable) return saved.error();
    if (!saved) log::warn("gateway", "attempt {}: {}", holder->attempt.id().text, saved.error().message);
    GYRE_TRY(save_manifest(*holder, std::move(report.manifest)));
    GYRE_TRY(save_usage(*holder, report.usage));
    const auto told = ports_.front_door.handle(TaskFinished{holder->attempt, report.outcome});
    if (!told && told.error().fault == Fault::unavailable) return told.error();
    holders_.remove(holder->attempt.id());
    if (told) return done();
    if (told.error().fault == Fault::conflict) return finish_again(holder->attempt, report.outcome);
    return told.error();
}

// The same end told twice is one end; another end came too late.
Gateway::Answer Gateway::finish_again(const AttemptRef& attempt, const Outcome& outcome) {
    GYRE_TRY_ASSIGN(const auto past, load_attempt(ports_.workflows, attempt));
    if (past.attempt.outcome == outcome) return done();
    return conflict("this attempt is over: stop, and report no more");
}

}  // namespace gyre::gateway
