#include "apps/gyre/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/follow_run.h"
#include "apps/gyre/installation.h"
#include "apps/gyre/replay_shell.h"
#include "apps/gyre/run_difference.h"
#include "apps/gyre/terminal.h"
#include "apps/gyre/tree_copy.h"
#include "base/random.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

class Replaying {
public:
    Replaying(ApiClient& client, ReplayRequest request)
        : client_(client), request_(std::make_shared<ReplayRequest>(std::move(request))) {}

    Result<int> run() {
        const auto adjust = [request = request_](wire::Assignment& assignment) {
            apply_replay(request->run.manifest, request->plan, assignment);
        };
        GYRE_TRY_ASSIGN(
            installation_,
            Installation::open({.settings = request_->settings, .serve = false, .orbs = {}, .adjust = adjust}));
        GYRE_TRY(copy_trees());
        GYRE_TRY(cancel_leftovers(*installation_, "a later gyre replay"));
        GYRE_TRY(make_workflow());
        for (const auto& note : request_->plan.replay.notes) fmt::print(stderr, "{}\n", terminal_text(note));
        // An agent that begins is told at once who may come in.
        ReplayShell shell(*installation_, request_->settings.data_dir, workflow_.jobs[0].id);
        if (request_->wish.shell)
            GYRE_TRY(shell.ask(request_->wish.from.empty() ? SshKeep::on_failure : SshKeep::always));
        GYRE_TRY(installation_->start());
        catch_interrupts();
        const auto done = follow_job(shell);
        installation_->stop();
        return done;
    }

private:
    Result<void> copy_trees();
    Result<void> copy_caches();
    Result<void> copy_layers();
    Result<bool> copy(const std::string& tree, const std::string& what);
    Result<void> make_workflow();
    Result<int> follow_job(ReplayShell& shell);
    Result<void> tell_differences();

    ApiClient& client_;
    std::shared_ptr<ReplayRequest> request_;  // unchanged once the installation has started
    std::unique_ptr<Installation> installation_;
    Workflow workflow_;
};

Result<void> Replaying::copy_trees() {
    GYRE_TRY(copy_caches());
    return copy_layers();
}

// False: the server does not keep it any more, or it cannot be brought here.
Result<bool> Replaying::copy(const std::string& tree, const std::string& what) {
    const auto copied = copy_tree(client_, request_->name, tree, installation_->blobs());
    if (copied && copied->bytes > 0) fmt::print("fetched {} ({})\n", terminal_line(what), human_bytes(copied->bytes));
    if (copied) return true;
    if (copied.error().fault != Fault::not_found && copied.error().fault != Fault::too_large) return copied.error();
    request_->plan.replay.notes.push_back("Not as it was: " + what + " cannot be had: " + copied.error().message);
    return false;
}

Result<void> Replaying::copy_caches() {
    for (auto& cache : request_->plan.replay.caches) {
        if (!cache.found) continue;
        GYRE_TRY_ASSIGN(const bool is_here, copy(cache.found->blob, "the cache '" + cache.found->key + "'"));
        if (!is_here) cache.found.reset();
    }
    return {};
}

// Without its workspace a job makes no sense.
Result<void> Replaying::copy_layers() {
    for (const auto& workspace : request_->plan.replay.workspaces) {
        for (const auto& layer : workspace.layers) {
            GYRE_TRY_ASSIGN(const bool is_here,
                            copy(layer.blob, "the workspace layer of job '" + layer.job_name + "'"));
            if (!is_here) return not_found(request_->plan.replay.notes.back());
        }
    }
    return {};
}

// One job, ready for its agent. A project of its own, so that what it saves is found by no other replay.
Result<void> Replaying::make_workflow() {
    const auto& manifest = request_->run.manifest;
    const auto now = SystemClock().now();
    Project project{.id = {random_uuid()},
                    .slug = "git/replay-" + random_uuid(),
                    .remote = request_->remote,
                    .default_branch = "main",
                    .poll = false,
                    .created_at = now};
    GYRE_TRY(installation_->projects().add(project));
    GYRE_TRY_ASSIGN(const Numbers numbers, installation_->workflows().reserve(project.id, true, 1));
    Pipeline pipeline{.id = {random_uuid()}, .project = project.id, .number = numbers.pipeline};
    pipeline.trigger = {.id = {"replay:" + random_uuid()}, .project = project.id, .kind = TriggerKind::local};
    pipeline.trigger.actor = who_runs();
    pipeline.trigger.branch = manifest.tag.empty() ? manifest.branch : "";
    pipeline.trigger.tag = manifest.tag;
    pipeline.trigger.revision = manifest.revision;
    pipeline.trigger.received_at = pipeline.created_at = pipeline.updated_at = now;
    pipeline.plan.jobs = {request_->plan.job};
    workflow_ = {.id = {random_uuid()}, .pipeline = pipeline.id, .project = project.id};
    workflow_.workspace = workflow_.id;
    workflow_.name = "replay";
    workflow_.started_by = who_runs();
    workflow_.created_at = now;
    WorkflowJob job{.id = {random_uuid()}, .name = manifest.job_name, .number = numbers.first_build, .spec = 0};
    job.status = JobStatus::queued;
    job.created_at = now;
    job.queued_at = now;
    job.tasks = {{.index = 0, .status = TaskStatus::queued, .queued_at = now}};
    workflow_.jobs = {job};
    Commit commit{.event = pipeline.trigger.id, .kind = "trigger", .at = now, .pipeline = pipeline};
    commit.workflows = {workflow_};
    GYRE_TRY(installation_->workflows().commit(commit));
    return {};
}

Result<int> Replaying::follow_job(ReplayShell& shell) {
    GYRE_TRY_ASSIGN(const auto followed, follow(*installation_, {workflow_.id}, [&] { return shell.look(); }));
    if (followed.canceled) return 130;
    GYRE_TRY(tell_differences());
    return followed.success ? 0 : exit_failed;
}

Result<void> Replaying::tell_differences() {
    GYRE_TRY_ASSIGN(const auto workflow, installation_->workflows().load(workflow_.id));
    const auto& job = workflow.jobs.at(0);
    if (job.tasks.at(0).attempts.empty()) return {};
    const AttemptRef attempt{job.id, 0, job.tasks[0].attempts.back().number};
    GYRE_TRY_ASSIGN(const auto body, installation_->records().manifest(attempt));
    if (!body) return {};
    JobRun here{.manifest = {}, .status = std::string(name_of(job.status)), .steps = {}};
    GYRE_TRY_ASSIGN(here.manifest, read_manifest(*body));
    GYRE_TRY_ASSIGN(here.steps, installation_->records().steps(attempt));
    // The names by which a replay asks for the same.
    here.manifest.attempt = request_->run.manifest.attempt;
    here.manifest.job.executor = request_->run.manifest.job.executor;
    here.manifest.job_ms = request_->run.manifest.job_ms;
    for (std::size_t i = 0; i < std::min(here.manifest.images.size(), request_->run.manifest.images.size()); ++i)
        here.manifest.images[i].reference = request_->run.manifest.images[i].reference;
    const auto found = differences(request_->run, here);
    if (request_->report != nullptr) {
        fmt::print(request_->report, "{}\n",
                   json::serialize(json::object{{"status", here.status}, {"differences", to_json(found)}}));
        return {};
    }
    fmt::print("\n");
    if (found.empty()) fmt::print("it ran with the same as on the server, and ended alike\n");
    std::vector<std::vector<std::string>> rows{{"NOT AS ON THE SERVER", "THERE", "HERE"}};
    for (const auto& [what, before, after] : found) rows.push_back({what, before, after});
    if (!found.empty()) print_table(rows);
    return {};
}

}  // namespace

Result<int> replay(ApiClient& client, ReplayRequest request) { return Replaying(client, std::move(request)).run(); }

}  // namespace gyre::apps
