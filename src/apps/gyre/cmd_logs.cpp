#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "apps/gyre/cli.h"
#include "apps/gyre/job_log.h"
#include "apps/gyre/news.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

struct LogsOptions {
    std::string slug;
    std::int64_t number = 0;
    LogChoice choice;
    std::int64_t lines = 0;  // of each step at most; 0: all
};

std::string tasks_target(const LogsOptions& options) {
    return "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/job/" + std::to_string(options.number) +
           "/tasks";
}

std::string output_target(const std::string& attempt, int step) {
    return "/api/v2/gyre/output/" + attempt + "/" + std::to_string(step);
}

Result<std::int64_t> place_in(ApiClient& client, const std::string& attempt, int step, const LogChoice& choice) {
    const std::string start =
        choice.line > 0 ? "?line=" + std::to_string(choice.line) : "?tail=" + std::to_string(choice.tail);
    GYRE_TRY_ASSIGN(const auto answer, client.get(output_target(attempt, step) + "/place" + start));
    return number_of(answer, "offset");
}

LogSource source_of(ApiClient& client, const LogsOptions& options) {
    const std::string lines = options.lines > 0 ? "&lines=" + std::to_string(options.lines) : "";
    return {
        .tasks = [&client, &options] { return client.get(tasks_target(options)); },
        .output =
            [&client, lines](const std::string& attempt, int step, std::int64_t offset, const LogSource::Sink& sink) {
                return client.stream(output_target(attempt, step) + "?offset=" + std::to_string(offset) + lines, sink);
            },
        .place = [&client](const std::string& attempt, int step,
                           const LogChoice& choice) { return place_in(client, attempt, step, choice); }};
}

void print_bytes(std::string_view bytes) {
    fmt::print("{}", bytes);  // throws when it cannot
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
}

Result<int> logs(const Cli& cli, const LogsOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    if (cli.as_json) {
        GYRE_TRY_ASSIGN(const auto answer, client.get(tasks_target(options)));
        cli.printed(answer);
        return 0;
    }
    JobLog log(source_of(client, options), options.choice, print_bytes);
    std::string told;
    const auto look = [&]() -> Result<bool> {
        GYRE_TRY_ASSIGN(const bool over, log.look());
        if (!over && !log.waiting().empty() && log.waiting() != told)
            fmt::print(stderr, "waiting: {}\n", terminal_line(log.waiting()));
        told = log.waiting();
        if (over && !log.never_ran().empty()) fmt::print(stderr, "nothing ran: {}\n", terminal_line(log.never_ran()));
        if ((over || !options.choice.follow) && !log.missing().empty())
            return not_found("there is no " + log.missing() + " in this job's output; --json lists what there is");
        return over;
    };
    if (!options.choice.follow) {
        GYRE_TRY(look());
        return 0;
    }
    GYRE_TRY(client.get(tasks_target(options)));  // says at once when there is no server, or no such job
    GYRE_TRY(listen_until_over(client, {[&](std::string_view line) { return log.concerns(line); }, look}));
    return 0;
}

}  // namespace

void add_logs_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("logs", "print the output of a job");
    auto options = std::make_shared<LogsOptions>();
    command->add_option("slug", options->slug, "the project, git/NAME")->required();
    command->add_option("number", options->number, "the job's number")->required();
    auto* follow = command->add_flag("-f,--follow", options->choice.follow, "go on until the job is over");
    command->add_option("--task", options->choice.task, "of this parallel task only, from 0")
        ->check(CLI::NonNegativeNumber);
    auto* step = command->add_option("--step", options->choice.step, "of this step only (--json lists them)")
                     ->check(CLI::NonNegativeNumber);
    const CLI::Range from_first(std::int64_t{1}, std::int64_t{1} << 50);
    auto* line = command->add_option("--line", options->choice.line, "of the step from this line on; 1 is the first");
    line->needs(step)->check(from_first);
    auto* tail = command->add_option("--tail", options->choice.tail, "of each step the last lines, so many of them");
    tail->excludes(line)->check(from_first);
    auto* lines = command->add_option("--lines", options->lines, "so many lines of each step at most");
    lines->excludes(follow)->check(from_first);
    command->add_flag("--raw", options->choice.raw,
                      "the bytes alone, without headers and marks; parallel tasks one after another");
    add_server_options(command, cli);
    command->footer(
        "With parallel tasks each line begins with its task, [0]. --follow waits through a restart of the server.\n"
        "Examples:  gyre logs git/app 12 -f\n"
        "           gyre logs git/app 12 --tail 20\n"
        "           gyre logs git/app 12 --step 102 --line 123456 --lines 40");
    cli.on(command, [&cli, options] { return logs(cli, *options); });
}

}  // namespace gyre::apps
