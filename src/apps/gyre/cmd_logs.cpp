#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

struct LogsOptions {
    std::string slug;
    std::int64_t number = 0;
    int task = -1;
    int step = -1;
    bool follow = false;
    bool raw = false;
};

Result<void> print_bytes(std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
    return {};
}

// Prints the steps of one attempt, and with --follow waits for those that are still to come.
class AttemptPrinter {
public:
    AttemptPrinter(ApiClient& client, const LogsOptions& options, std::string attempt)
        : client_(client), options_(options), attempt_(std::move(attempt)) {}

    Result<void> print_step(const json::value& step) {
        const auto index = static_cast<int>(number_of(step, "index"));
        if (index <= printed_ || (options_.step >= 0 && index != options_.step)) return {};
        printed_ = index;
        if (!options_.raw) fmt::print("{}\n", coloured(Colour::bold, "== " + text_of(step, "name")));
        const std::string target = "/api/v2/gyre/output/" + attempt_ + "/" + std::to_string(index);
        GYRE_TRY(client_.stream(target + (options_.follow ? "?follow=true" : ""), print_bytes));
        return {};
    }

private:
    ApiClient& client_;
    const LogsOptions& options_;
    std::string attempt_;
    int printed_ = -1;
};

const json::array& array_of(const json::value& object, std::string_view key) {
    static const json::array none;
    const auto* map = object.if_object();
    const auto* value = map ? map->if_contains(key) : nullptr;
    return value && value->is_array() ? value->get_array() : none;
}

std::string tasks_target(const LogsOptions& options) {
    return "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/job/" + std::to_string(options.number) +
           "/tasks";
}

bool is_over(const json::value& attempt) { return text_of(attempt, "state") == "finished"; }

// The task's attempts, as far as they are known now. Answers whether the last one is over.
Result<bool> print_task(ApiClient& client, const LogsOptions& options, const json::value& task,
                        std::map<std::string, AttemptPrinter>& printers) {
    bool over = text_of(task, "status") == "finished";
    for (const auto& attempt : array_of(task, "attempts")) {
        const std::string id = text_of(attempt, "id");
        const auto number = number_of(attempt, "number");
        const bool first_seen = !printers.contains(id);
        auto& printer = printers.try_emplace(id, client, options, id).first->second;
        if (first_seen && number > 1 && !options.raw)
            fmt::print("{}\n", coloured(Colour::yellow, fmt::format("== attempt {}", number)));
        for (const auto& step : array_of(attempt, "steps")) GYRE_TRY(printer.print_step(step));
        over = over && is_over(attempt);
    }
    return over;
}

// Prints what is new. True when there is nothing more to come.
Result<bool> look(const Cli& cli, const LogsOptions& options, ApiClient& client,
                  std::map<std::string, AttemptPrinter>& printers) {
    GYRE_TRY_ASSIGN(const auto answer, client.get(tasks_target(options)));
    if (cli.printed(answer)) return true;
    const std::string waits = text_of(answer, "waiting_for");
    if (!waits.empty()) fmt::print(stderr, "waiting: {}\n", waits);
    bool over = true;
    for (const auto& task : array_of(answer, "tasks")) {
        if (options.task >= 0 && number_of(task, "index") != options.task) continue;
        GYRE_TRY_ASSIGN(const bool task_over, print_task(client, options, task, printers));
        over = over && task_over;
    }
    return over;
}

Result<int> logs(const Cli& cli, const LogsOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    std::map<std::string, AttemptPrinter> printers;
    if (!options.follow) {
        GYRE_TRY(look(cli, options, client, printers));
        return 0;
    }
    // The first words of the stream are a greeting: from then on nothing is missed, so that is when to look first.
    bool over = false;
    ApiClient ears = client.another();
    const auto heard = ears.stream("/api/v2/gyre/events", [&](std::string_view) -> Result<void> {
        GYRE_TRY_ASSIGN(over, look(cli, options, client, printers));
        return over ? Result<void>(conflict("seen enough")) : Result<void>();
    });
    if (over) return 0;
    return heard ? unavailable("the server closed the connection before the job was over") : heard.error();
}

}  // namespace

void add_logs_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("logs", "print the output of a job");
    auto options = std::make_shared<LogsOptions>();
    command->add_option("slug", options->slug, "the project, git/NAME")->required();
    command->add_option("number", options->number, "the job's number")->required();
    command->add_flag("-f,--follow", options->follow, "go on until the job is over");
    command->add_option("--task", options->task, "of this parallel task only, from 0");
    command->add_option("--step", options->step, "of this step only (--json lists them)");
    command->add_flag("--raw", options->raw, "the bytes alone, without headers of steps");
    add_server_options(command, cli);
    command->footer("Example:  gyre logs git/app 12 -f");
    cli.on(command, [&cli, options] { return logs(cli, *options); });
}

}  // namespace gyre::apps
