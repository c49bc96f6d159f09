#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

struct ListOptions {
    std::string slug;
    std::string branch;
    std::string id;
    std::int64_t number = 0;
};

std::string short_revision(const json::value& pipeline) {
    const auto* vcs = pipeline.get_object().if_contains("vcs");
    return vcs ? text_of(*vcs, "revision").substr(0, 8) : "";
}

std::string ref_of(const json::value& pipeline) {
    const auto* vcs = pipeline.get_object().if_contains("vcs");
    if (!vcs) return "";
    const std::string tag = text_of(*vcs, "tag");
    return tag.empty() ? text_of(*vcs, "branch") : "tag " + tag;
}

// What came to nothing says what is wrong: the first line of the first error, which names the place.
std::string note_of_pipeline(const json::value& pipeline) {
    std::string note = text_of(pipeline, "note");
    const auto* errors = pipeline.get_object().if_contains("errors");
    if (!errors || !errors->is_array() || errors->get_array().empty()) return note;
    const std::string first = text_of(errors->get_array().front(), "message");
    note += (note.empty() ? "" : "; ") + first.substr(0, first.find('\n'));
    const auto more = errors->get_array().size() - 1;
    return more == 0 ? note : note + fmt::format(" (and {} more)", more);
}

Result<int> pipelines(const Cli& cli, const ListOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    std::string target =
        options.slug.empty() ? "/api/v2/pipeline" : "/api/v2/project/" + http::url_encode(options.slug) + "/pipeline";
    if (!options.branch.empty()) target += "?branch=" + http::url_encode(options.branch);
    GYRE_TRY_ASSIGN(const auto answer, client.get(target));
    if (cli.printed(answer)) return 0;
    const auto items = items_of(answer);
    if (items.empty()) fmt::print("no pipelines yet; start one: gyre trigger git/NAME\n");
    std::vector<std::vector<std::string>> rows{
        {"PIPELINE", "PROJECT", "REF", "REVISION", "STATE", "CREATED", "ID", "NOTE"}};
    for (const auto& item : items) {
        rows.push_back({std::to_string(number_of(item, "number")), text_of(item, "project_slug"), ref_of(item),
                        short_revision(item), text_of(item, "state"), text_of(item, "created_at"), text_of(item, "id"),
                        note_of_pipeline(item)});
    }
    if (!items.empty()) print_table(rows);
    return 0;
}

// Why it runs again, or who ended it.
std::string note_of_workflow(const json::value& workflow) {
    const auto number = number_of(workflow, "auto_rerun_number");
    std::string note;
    if (number > 0)
        note = "rerun " + std::to_string(number) + " of " + std::to_string(number_of(workflow, "max_auto_reruns")) +
               ", by itself";
    if (number == 0 && !text_of(workflow, "rerun_of").empty()) note = "a rerun";
    const std::string canceled_by = text_of(workflow, "canceled_by");
    if (!canceled_by.empty()) note += (note.empty() ? "" : "; ") + ("canceled by " + canceled_by);
    return note;
}

std::string note_of_job(const json::value& job) {
    std::string note = text_of(job, "reason");
    note.resize(std::min(note.find('\n'), note.size()));
    const auto add = [&](const std::string& more) { note += (note.empty() ? "" : "; ") + more; };
    if (const auto why = text_of(job, "retried_after"); !why.empty()) add("retried after: " + why);
    if (const auto who = text_of(job, "approved_by"); !who.empty()) add("approved by " + who);
    if (const auto* ssh = job.get_object().if_contains("ssh"); ssh && *ssh == json::value(true)) add("with SSH");
    if (job.get_object().contains("failed_tests")) add("failed tests only");
    return note;
}

Result<int> workflows(const Cli& cli, const ListOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/pipeline/" + http::url_encode(options.id) + "/workflow"));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"WORKFLOW", "STATUS", "CREATED", "STOPPED", "ID", "NOTE"}};
    for (const auto& item : items_of(answer)) {
        rows.push_back({text_of(item, "name"), text_of(item, "status"), text_of(item, "created_at"),
                        text_of(item, "stopped_at"), text_of(item, "id"), note_of_workflow(item)});
    }
    print_table(rows);
    return 0;
}

Result<int> jobs(const Cli& cli, const ListOptions& options) {
    if (options.id.empty()) return invalid("which workflow's? `gyre workflows PIPELINE` shows their ids");
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/workflow/" + http::url_encode(options.id) + "/job"));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"JOB", "NUMBER", "TYPE", "STATUS", "STARTED", "STOPPED", "ID", "NOTE"}};
    for (const auto& item : items_of(answer)) {
        const auto number = number_of(item, "job_number");
        rows.push_back({text_of(item, "name"), number == 0 ? "-" : std::to_string(number), text_of(item, "type"),
                        text_of(item, "status"), text_of(item, "started_at"), text_of(item, "stopped_at"),
                        text_of(item, "id"), note_of_job(item)});
    }
    print_table(rows);
    return 0;
}

std::string job_target(const ListOptions& options, const char* what) {
    return "/api/v2/project/" + http::url_encode(options.slug) + "/" + std::to_string(options.number) + what;
}

Result<int> artifacts(const Cli& cli, const ListOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(job_target(options, "/artifacts")));
    if (cli.printed(answer)) return 0;
    const auto items = items_of(answer);
    if (items.empty()) fmt::print("the job stored no artifacts\n");
    std::vector<std::vector<std::string>> rows{{"ARTIFACT", "TASK", "URL"}};
    for (const auto& item : items)
        rows.push_back({text_of(item, "path"), std::to_string(number_of(item, "node_index")), text_of(item, "url")});
    if (!items.empty()) print_table(rows);
    return 0;
}

std::string run_time_of(const json::value& test) {
    const auto* time = test.get_object().if_contains("run_time");
    if (!time || !time->is_number()) return "";
    return human_duration(static_cast<std::int64_t>(time->to_number<double>() * 1000));
}

Result<int> tests(const Cli& cli, const ListOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(job_target(options, "/tests")));
    if (cli.printed(answer)) return 0;
    const auto items = items_of(answer);
    if (items.empty()) fmt::print("the job stored no test results\n");
    std::vector<std::vector<std::string>> rows{{"RESULT", "TEST", "CLASS", "TIME", "MESSAGE"}};
    for (const auto& item : items) {
        const std::string message = text_of(item, "message");
        rows.push_back({text_of(item, "result"), text_of(item, "name"), text_of(item, "classname"), run_time_of(item),
                        message.substr(0, message.find('\n'))});
    }
    if (!items.empty()) print_table(rows);
    return 0;
}

std::string minute_of(const json::value& object, std::string_view key) {
    const std::string time = text_of(object, key);
    return time.empty() ? "-" : time.substr(0, 16) + "Z";
}

Result<int> schedules(const Cli& cli, const ListOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string target = options.slug.empty()
                                   ? "/api/v2/gyre/schedules"
                                   : "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/schedules";
    GYRE_TRY_ASSIGN(const auto answer, client.get(target));
    if (cli.printed(answer)) return 0;
    const auto items = items_of(answer);
    if (items.empty()) fmt::print("no schedules; a workflow gets one by `triggers` in the config of its branch\n");
    std::vector<std::vector<std::string>> rows{{"PROJECT", "BRANCH", "WORKFLOW", "NEXT", "LAST", "CRON (UTC)"}};
    std::string missed;
    for (const auto& item : items) {
        std::string crons;
        const auto* lines = item.get_object().if_contains("crons");
        for (const auto& line : lines && lines->is_array() ? lines->get_array() : json::array())
            crons += (crons.empty() ? "" : ", ") + std::string(line.is_string() ? line.get_string() : "");
        rows.push_back({text_of(item, "project_slug"), text_of(item, "branch"), text_of(item, "workflow"),
                        minute_of(item, "next_tick"), minute_of(item, "last_tick"), crons});
        if (!text_of(item, "missed_tick").empty())
            missed += "missed: " + text_of(item, "workflow") + " of " + text_of(item, "branch") + " at " +
                      minute_of(item, "missed_tick") + ": " + text_of(item, "missed_why") + "\n";
    }
    if (!items.empty()) print_table(rows);
    fmt::print("{}", missed);
    return 0;
}

using Command = Result<int> (*)(const Cli&, const ListOptions&);

CLI::App* add(CLI::App& app, Cli& cli, const char* name, const char* help, Command command,
              const std::shared_ptr<ListOptions>& options) {
    auto* added = app.add_subcommand(name, help);
    add_server_options(added, cli);
    cli.on(added, [&cli, command, options] { return command(cli, *options); });
    return added;
}

}  // namespace

void add_list_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<ListOptions>();
    auto* listing = add(app, cli, "pipelines", "list the newest pipelines", pipelines, options);
    listing->add_option("slug", options->slug, "of one project, git/NAME");
    listing->add_option("--branch", options->branch, "of one branch");
    listing->footer("Example:  gyre pipelines git/app --branch main");

    add(app, cli, "workflows", "list the workflows of a pipeline", workflows, options)
        ->add_option("pipeline", options->id, "id of the pipeline")
        ->required();
    auto* of_workflow =
        add(app, cli, "jobs", "list the jobs of a workflow; what jobs ran with and used", jobs, options);
    of_workflow->add_option("workflow", options->id, "id of the workflow");
    add_manifest_commands(*of_workflow, cli);
    add_usage_command(*of_workflow, cli);

    for (auto* command : {add(app, cli, "artifacts", "list the artifacts of a job", artifacts, options),
                          add(app, cli, "tests", "list the test results of a job, failures first", tests, options)}) {
        command->add_option("slug", options->slug, "the project, git/NAME")->required();
        command->add_option("number", options->number, "the job's number")->required();
    }
    add(app, cli, "schedules", "list the workflows that run from time to time", schedules, options)
        ->add_option("slug", options->slug, "of one project, git/NAME");
}

}  // namespace gyre::apps
