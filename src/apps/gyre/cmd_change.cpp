#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"

namespace gyre::apps {
namespace {

struct ChangeOptions {
    std::string workflow;
    std::string job;
    bool from_failed = false;
};

std::string workflow_target(const ChangeOptions& options, const std::string& verb) {
    return "/api/v2/workflow/" + http::url_encode(options.workflow) + "/" + verb;
}

Result<int> cancel(const Cli& cli, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.post(workflow_target(options, "cancel"), json::object{}));
    // What had ended was not canceled: that is worth an exit code, unless it is as it was asked for.
    const std::string ended_as = text_of(answer, "ended_as");
    const bool as_asked = ended_as.empty() || ended_as == "canceled";
    if (!cli.printed(answer) && ended_as.empty()) {
        fmt::print("canceled workflow {}\n", options.workflow);
    } else if (!cli.as_json) {
        fmt::print(stderr, "workflow {} had ended already: {}\n", options.workflow, ended_as);
    }
    return as_asked ? 0 : exit_failed;
}

Result<int> rerun(const Cli& cli, const ChangeOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.post(workflow_target(options, "rerun"), json::object{{"from_failed", options.from_failed}}));
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
    const auto add = [&](const char* name, const char* help, Result<int> (*command)(const Cli&, const ChangeOptions&)) {
        auto* added = app.add_subcommand(name, help);
        added->add_option("workflow", options->workflow, "id of the workflow (`gyre workflows PIPELINE` lists them)")
            ->required();
        add_server_options(added, cli);
        cli.on(added, [&cli, command, options] { return command(cli, *options); });
        return added;
    };
    add("cancel", "cancel a workflow", cancel)
        ->footer("Exit code: 0 canceled (now or before), 1 it had ended otherwise already.");
    add("rerun", "run a workflow again", rerun)
        ->add_flag("--from-failed", options->from_failed, "keep the jobs that succeeded");
    add("approve", "approve a job that is on hold", approve)
        ->add_option("job", options->job, "name of the approval job")
        ->required();
}

}  // namespace gyre::apps
