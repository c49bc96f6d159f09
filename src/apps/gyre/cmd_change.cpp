#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/cmd_queue.h"

namespace gyre::apps {
namespace {

struct ChangeOptions {
    std::string workflow;
    std::string pipeline;
    std::string job;                // to approve, or to cancel
    std::vector<std::string> jobs;  // to run again
    bool queued = false;
    QueuedChoice choice;  // of what waits
    bool from_failed = false;
    bool failed_tests = false;
    bool ssh = false;
    std::string keep_ssh;
};

std::string workflow_target(const ChangeOptions& options, const std::string& verb) {
    return "/api/v2/workflow/" + http::url_encode(options.workflow) + "/" + verb;
}

// People name a job; the API wants its id, or the number that its project knows it by.
Result<json::value> job_named(ApiClient& client, const ChangeOptions& options, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/workflow/" + http::url_encode(options.workflow) + "/job"));
    std::string names;
    for (const auto& job : items_of(answer)) {
        if (text_of(job, "name") == name || text_of(job, "id") == name) return job;
        names += (names.empty() ? "" : ", ") + text_of(job, "name");
    }
    return not_found("the workflow has no job '" + name + "'; it has: " + names);
}

// What had ended was not canceled: that is worth an exit code, unless it is as it was asked for.
int tell_canceled(const Cli& cli, const json::value& answer, const std::string& what) {
    const std::string ended_as = text_of(answer, "ended_as");
    if (!cli.printed(answer) && ended_as.empty()) {
        fmt::print("canceled {}\n", what);
    } else if (!cli.as_json) {
        fmt::print(stderr, "{} had ended already: {}\n", what, ended_as);
    }
    return ended_as.empty() || ended_as == "canceled" ? 0 : exit_failed;
}

Result<int> cancel_pipeline(const Cli& cli, ApiClient& client, const ChangeOptions& options) {
    const std::string target = "/api/v2/gyre/pipeline/" + http::url_encode(options.pipeline) + "/cancel";
    GYRE_TRY_ASSIGN(const auto answer, client.post(target, json::object{}));
    if (!cli.printed(answer))
        fmt::print("canceled pipeline {}: {} of its workflows still ran\n", options.pipeline,
                   number_of(answer, "canceled"));
    return 0;
}

Result<int> cancel_job(const Cli& cli, ApiClient& client, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(const auto job, job_named(client, options, options.job));
    const auto number = number_of(job, "job_number");
    if (number == 0) return invalid("'" + options.job + "' runs nothing by itself: cancel its workflow");
    const std::string target = "/api/v2/project/" + http::url_encode(text_of(job, "project_slug")) + "/job/" +
                               std::to_string(number) + "/cancel";
    GYRE_TRY_ASSIGN(const auto answer, client.post(target, json::object{}));
    return tell_canceled(cli, answer, "job " + options.job);
}

Result<int> cancel(const Cli& cli, const ChangeOptions& options) {
    if (options.queued) return cancel_queued(cli, options.choice);
    GYRE_TRY_ASSIGN(auto client, cli.client());
    if (!options.pipeline.empty()) return cancel_pipeline(cli, client, options);
    if (options.workflow.empty()) return invalid("name the workflow, or give --pipeline or --queued");
    if (!options.job.empty()) return cancel_job(cli, client, options);
    GYRE_TRY_ASSIGN(const auto answer, client.post(workflow_target(options, "cancel"), json::object{}));
    return tell_canceled(cli, answer, "workflow " + options.workflow);
}

Result<json::object> rerun_body(ApiClient& client, const ChangeOptions& options) {
    if (options.jobs.empty())
        return json::object{{"from_failed", options.from_failed}, {"failed_tests", options.failed_tests}};
    json::array ids;
    for (const auto& name : options.jobs) {
        GYRE_TRY_ASSIGN(const auto job, job_named(client, options, name));
        ids.emplace_back(text_of(job, "id"));
    }
    json::object body{{"jobs", std::move(ids)}, {"enable_ssh", options.ssh}, {"failed_tests", options.failed_tests}};
    if (!options.keep_ssh.empty()) body["keep_ssh"] = options.keep_ssh;
    return body;
}

Result<int> rerun(const Cli& cli, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto body, rerun_body(client, options));
    GYRE_TRY_ASSIGN(const auto answer, client.post(workflow_target(options, "rerun"), body));
    if (!cli.printed(answer))
        fmt::print("workflow {} runs again as {}\n", options.workflow, text_of(answer, "workflow_id"));
    return 0;
}

// People name the job; the API wants the id of the approval request.
Result<std::string> approval_of(ApiClient& client, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/workflow/" + http::url_encode(options.workflow) + "/job"));
    std::string waiting;
    for (const auto& job : items_of(answer)) {
        if (text_of(job, "type") != "approval") continue;
        if (text_of(job, "name") == options.job || text_of(job, "id") == options.job)
            return text_of(job, "approval_request_id");
        waiting += (waiting.empty() ? "" : ", ") + text_of(job, "name");
    }
    return not_found("the workflow has no approval job '" + options.job + "'" +
                     (waiting.empty() ? "" : "; it has: " + waiting));
}

Result<int> approve(const Cli& cli, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const std::string request, approval_of(client, options));
    GYRE_TRY_ASSIGN(const auto answer,
                    client.post(workflow_target(options, "approve/" + http::url_encode(request)), json::object{}));
    if (!cli.printed(answer)) fmt::print("approved {}\n", options.job);
    return 0;
}

}  // namespace

void add_change_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<ChangeOptions>();
    CLI::Option* workflow = nullptr;
    const auto add = [&](const char* name, const char* help, Result<int> (*command)(const Cli&, const ChangeOptions&)) {
        auto* added = app.add_subcommand(name, help);
        workflow = added->add_option("workflow", options->workflow,
                                     "id of the workflow (`gyre workflows PIPELINE` lists them)");
        add_server_options(added, cli);
        cli.on(added, [&cli, command, options] { return command(cli, *options); });
        return added;
    };
    auto* canceling = add("cancel", "cancel a workflow, one of its jobs, or a whole pipeline", cancel);
    canceling->add_option("--pipeline", options->pipeline, "all workflows of this pipeline, by its id")
        ->excludes(workflow);
    canceling->add_option("--job", options->job, "this job of the workflow alone, by its name")->needs(workflow);
    auto* queued = canceling->add_flag("--queued", options->queued, "all jobs that wait and of which nothing runs yet")
                       ->excludes(workflow);
    // An empty variable of a script is no wish to cancel everything.
    const auto something = [](const std::string& given) { return given.empty() ? "it must not be empty" : ""; };
    canceling->add_option("--project", options->choice.project, "of these: those of a project, git/NAME")
        ->needs(queued)
        ->check(something);
    canceling->add_option("--branch", options->choice.branch, "of these: those of a branch")
        ->needs(queued)
        ->check(something);
    canceling->add_option("--class", options->choice.resource_class, "of these: those of a resource class")
        ->needs(queued)
        ->check(something);
    canceling->add_flag("--yes", options->choice.yes, "do not ask before")->needs(queued);
    canceling->footer("Exit code: 0 canceled (now or before), 1 it had ended otherwise already.");

    auto* rerunning = add("rerun", "run a workflow again", rerun);
    workflow->required();
    auto* failed = rerunning->add_flag("--from-failed", options->from_failed, "keep the jobs that succeeded");
    rerunning->add_flag(
        "--failed-tests", options->failed_tests,
        "of jobs that failed, only the tests that did, where they run by 'circleci tests run'; keeps the"
        " jobs that succeeded");
    auto* jobs =
        rerunning->add_option("--job", options->jobs, "this job, by its name, and what depends on it; may be repeated")
            ->allow_extra_args(false)
            ->excludes(failed);
    auto* ssh = rerunning->add_flag("--ssh", options->ssh, "let you look into these jobs by SSH; their logs say where")
                    ->needs(jobs);
    rerunning->add_option("--keep", options->keep_ssh, "when their places are kept for you after their steps")
        ->check(CLI::IsMember({"always", "on_failure", "no"}))
        ->needs(ssh);
    rerunning->footer("Example:  gyre rerun WORKFLOW --job deploy");

    auto* approving = add("approve", "approve a job that is on hold", approve);
    workflow->required();
    approving->add_option("job", options->job, "name of the approval job")->required();
}

}  // namespace gyre::apps
