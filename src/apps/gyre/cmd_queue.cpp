#include "apps/gyre/cmd_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "apps/gyre/agreement.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

constexpr std::int64_t page_size = 500;
constexpr std::int64_t most_places = 10'000;  // as dispatch/dispatcher.cpp: it looks at no more

struct QueueOptions {
    std::int64_t limit = 1000;
    std::string slug;
    std::int64_t number = 0;
    std::string name;
    bool organization = false;
    std::optional<int> weight;
    std::optional<int> priority;
    std::string most_tasks;  // a number or "none"
};

struct Listed {
    json::array items;
    bool more = false;
    json::value last;  // the last page
};

// The API tells of the queue as it was filled, and each task's place in the order in which they get machines. The first
// places may be anywhere in it, so as much is read as has places.
Result<Listed> read_queue(ApiClient& client, std::int64_t limit) {
    Listed listed;
    const auto wanted = std::max(limit, most_places);
    std::string next;
    do {
        std::string target = "/api/v2/gyre/queue?limit=" + std::to_string(page_size);
        if (!next.empty()) target += "&page-token=" + http::url_encode(next);
        GYRE_TRY_ASSIGN(listed.last, client.get(target));
        for (auto& item : items_of(listed.last)) listed.items.push_back(std::move(item));
        next = text_of(listed.last, "next_page_token");
    } while (!next.empty() && std::ssize(listed.items) < wanted);
    // Those that nobody has looked at yet are far behind.
    std::stable_sort(listed.items.begin(), listed.items.end(), [](const json::value& a, const json::value& b) {
        const auto place = [](const json::value& item) {
            const auto position = number_of(item, "position");
            return position == 0 ? std::numeric_limits<std::int64_t>::max() : position;
        };
        return place(a) < place(b);
    });
    listed.more = !next.empty() || std::ssize(listed.items) > limit;
    if (std::ssize(listed.items) > limit) listed.items.resize(static_cast<std::size_t>(limit));
    return listed;
}

std::string reason_of(const json::value& item) {
    std::string reason = text_of(item, "reason");
    if (reason.empty()) reason = "it has not been its turn to be looked at: others wait before it";
    const auto by = text_of(item, "promoted_by");
    return by.empty() ? reason : "promoted by " + by + "; " + reason;
}

Result<int> queue(const Cli& cli, const QueueOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(auto listed, read_queue(client, options.limit));
    if (cli.as_json) {
        auto whole = listed.last.is_object() ? listed.last.get_object() : json::object{};
        whole["items"] = std::move(listed.items);
        whole["more"] = listed.more;
        whole.erase("next_page_token");  // of the order in which the API tells them
        cli.printed(whole);
        return 0;
    }
    if (listed.items.empty()) {
        fmt::print("nothing waits\n");
        return 0;
    }
    const auto for_machines = number_of(listed.last, "run_queue");
    const auto for_limits = number_of(listed.last, "usage_queue");
    if (for_machines + for_limits > 0)  // the server that was asked has looked
        fmt::print("{} tasks wait for machines, {} for limits\n", for_machines, for_limits);
    std::vector<std::vector<std::string>> rows{
        {"PLACE", "JOB", "PROJECT", "NUMBER", "CLASS", "QUEUE", "SINCE", "WHY IT WAITS"}};
    for (const auto& item : listed.items) {
        const auto position = number_of(item, "position");
        rows.push_back({position == 0 ? "-" : std::to_string(position), text_of(item, "name"),
                        text_of(item, "project_slug"), std::to_string(number_of(item, "job_number")),
                        text_of(item, "resource_class"), text_of(item, "queue"), text_of(item, "queued_at"),
                        reason_of(item)});
    }
    print_table(rows);
    if (listed.more) fmt::print("... and more; --limit shows more than {}\n", options.limit);
    return 0;
}

Result<int> promote(const Cli& cli, const QueueOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string target = "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/job/" +
                               std::to_string(options.number) + "/promote";
    GYRE_TRY_ASSIGN(const auto answer, client.post(target, json::object{}));
    if (!cli.printed(answer)) {
        const auto moved = number_of(answer, "promoted");
        fmt::print("job {} is next: {} {}\n", options.number, moved, moved == 1 ? "task" : "tasks");
    }
    return 0;
}

Result<json::value> limit_of(const std::string& text) {
    if (text == "none") return json::value(nullptr);
    if (!text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos)
        return json::value(std::stoi(text));
    return invalid("--most-tasks takes a number or 'none'");
}

std::string shown_limit(const json::value& answer) {
    const auto* most = answer.is_object() ? answer.get_object().if_contains("most_tasks") : nullptr;
    return most && most->is_number() ? std::to_string(number_of(answer, "most_tasks")) : "none";
}

Result<int> set(const Cli& cli, const QueueOptions& options) {
    json::object body;
    if (options.weight) body["weight"] = *options.weight;
    if (options.priority) body["priority"] = *options.priority;
    if (!options.most_tasks.empty()) {
        GYRE_TRY_ASSIGN(body["most_tasks"], limit_of(options.most_tasks));
    }
    GYRE_TRY_ASSIGN(auto client, cli.client());
    if (options.organization) {
        if (options.weight || options.priority || options.most_tasks.empty())
            return invalid("an organization has --most-tasks alone");
        body["organization"] = options.name;
        GYRE_TRY_ASSIGN(const auto answer, client.post("/api/v2/gyre/organization-limits", body));
        if (!cli.printed(answer))
            fmt::print("organization {}: most tasks at a time {}\n", options.name, shown_limit(answer));
        return 0;
    }
    const std::string target = "/api/v2/gyre/project/" + http::url_encode(options.name) + "/share";
    GYRE_TRY_ASSIGN(const auto answer, body.empty() ? client.get(target) : client.patch(target, body));
    if (!cli.printed(answer))
        fmt::print("project {}: weight {}, priority {}, most tasks at a time {}\n", options.name,
                   number_of(answer, "weight"), number_of(answer, "priority"), shown_limit(answer));
    return 0;
}

}  // namespace

Result<int> cancel_queued(const Cli& cli, const QueuedChoice& choice) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string target = "/api/v2/gyre/queue/cancel";
    json::object body{
        {"project_slug", choice.project}, {"branch", choice.branch}, {"resource_class", choice.resource_class}};
    if (choice.project.empty() && choice.branch.empty() && choice.resource_class.empty()) body["all"] = true;
    if (!choice.yes) {
        body["dry_run"] = true;
        GYRE_TRY_ASSIGN(const auto counted, client.post(target, body));
        const auto found = number_of(counted, "found");
        if (found > 0) {
            const auto jobs =
                fmt::format("{}{} jobs", counted.at("more") == json::value(true) ? "more than " : "", found);
            GYRE_TRY_ASSIGN(const bool yes, agreed("cancel " + jobs + "?", jobs + " would be canceled"));
            if (!yes) return exit_failed;
        }
        body.erase("dry_run");
    }
    std::int64_t canceled = 0;
    while (true) {
        GYRE_TRY_ASSIGN(const auto answer, client.post(target, body));
        const auto now = number_of(answer, "canceled");
        canceled += now;
        if (now == 0 || answer.at("more") != json::value(true)) break;
    }
    if (!cli.printed(json::object{{"canceled", canceled}})) fmt::print("canceled {} waiting jobs\n", canceled);
    return 0;
}

void add_queue_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<QueueOptions>();
    auto* waiting =
        app.add_subcommand("queue", "list the tasks that wait, in what order, and why; set shares and limits");
    waiting->add_option("--limit", options->limit, "show so many at most")->check(CLI::Range(1, 1'000'000));
    add_server_options(waiting, cli);

    auto* setting = waiting->add_subcommand("set", "a project's share, priority and limit, or an organization's limit");
    setting->add_option("name", options->name, "git/NAME; with --organization: gh/ORGANIZATION")->required();
    setting->add_flag("--organization", options->organization, "the limit of all its projects together");
    setting->add_option("--weight", options->weight, "machines in this proportion to other projects; 1 at first");
    setting->add_option("--priority", options->priority, "the higher goes first; 0 at first");
    setting->add_option("--most-tasks", options->most_tasks, "that run at a time: a number, or none");
    add_server_options(setting, cli);
    setting->footer("Example:  gyre queue set git/app --weight 3 --most-tasks 10");
    cli.on(waiting, [&cli, options] { return queue(cli, *options); });
    cli.on(setting, [&cli, options] { return set(cli, *options); });

    auto* promoting = app.add_subcommand("promote", "move the waiting tasks of a job to the front");
    promoting->add_option("slug", options->slug, "the project, git/NAME")->required();
    promoting->add_option("number", options->number, "the job's number")->required();
    add_server_options(promoting, cli);
    cli.on(promoting, [&cli, options] { return promote(cli, *options); });
}

}  // namespace gyre::apps
