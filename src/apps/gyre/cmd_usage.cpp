#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/job_run.h"
#include "apps/gyre/sparkline.h"
#include "apps/gyre/terminal.h"
#include "apps/gyre/uncounted.h"
#include "base/http_client.h"
#include "base/terminal_text.h"
#include "model/resource_usage.h"

// What a job used of its machine.

namespace gyre::apps {
namespace {

constexpr std::size_t graph_width = 60;
constexpr int every_task = -1;

std::string amount(const std::optional<std::int64_t>& bytes) { return bytes ? human_bytes(*bytes) : "-"; }

std::string memory(const std::optional<std::int64_t>& bytes) { return bytes ? human_memory(*bytes) : "-"; }

std::string both(const std::optional<std::int64_t>& in, const std::optional<std::int64_t>& out) {
    return in || out ? amount(in) + " / " + amount(out) : "-";
}

std::vector<std::string> row_of(const json::value& item, const ResourceUsage& usage) {
    const auto& totals = usage.totals;
    const auto share = cpu_share(usage);
    return {std::to_string(number_of(item, "task")),
            std::to_string(number_of(item, "attempt")),
            human_duration(usage.wall_ms),
            totals.cpu_ms ? human_duration(*totals.cpu_ms) : "-",
            share ? fmt::format("{:.0f}%", *share * 100) : "-",
            memory(totals.memory_peak_bytes),
            usage.limits.memory_mb > 0 ? human_memory(usage.limits.memory_mb << 20) : "-",
            both(totals.read_bytes, totals.written_bytes),
            both(totals.received_bytes, totals.sent_bytes)};
}

std::string cpus(std::int64_t millicpus) { return fmt::format("{:.2f} CPUs", static_cast<double>(millicpus) / 1000); }
std::string a_second(std::int64_t bytes) { return human_bytes(bytes) + "/s"; }

// `full` is what the highest bar stands for, if nothing is more; 0: the most.
void print_graph(const char* name, const std::vector<std::int64_t>& numbers, std::int64_t full,
                 std::string (*told)(std::int64_t)) {
    if (numbers.empty()) return;
    const std::string of = full > 0 ? " of " + told(full) : "";
    fmt::print("  {:<8}{}  at most {}{}\n", name, sparkline(numbers, graph_width, full),
               told(std::ranges::max(numbers)), of);
}

void print_graphs(const json::value& item, const ResourceUsage& usage) {
    const auto& samples = usage.samples;
    if (samples.at_ms.size() < 2) return;
    fmt::print("\ntask {}, attempt {}: {} samples to {}\n", number_of(item, "task"), number_of(item, "attempt"),
               samples.at_ms.size(), human_duration(samples.at_ms.back()));
    print_graph("cpu", rates(samples.cpu_ms, samples.at_ms), usage.limits.millicpus, cpus);
    print_graph("memory", samples.memory_bytes, usage.limits.memory_mb << 20, human_memory);
    print_graph("read", rates(samples.read_bytes, samples.at_ms), 0, a_second);
    print_graph("written", rates(samples.written_bytes, samples.at_ms), 0, a_second);
    print_graph("in", rates(samples.received_bytes, samples.at_ms), 0, a_second);
    print_graph("out", rates(samples.sent_bytes, samples.at_ms), 0, a_second);
}

std::string usage_target(const NamedRun& run) {
    std::string filters;
    if (run.task != every_task) filters += "&task=" + std::to_string(run.task);
    if (run.attempt > 0) filters += "&attempt=" + std::to_string(run.attempt);
    if (!filters.empty()) filters.front() = '?';
    return "/api/v2/gyre/project/" + http::url_encode(run.slug) + "/job/" + std::to_string(run.number) + "/usage" +
           filters;
}

struct Shown {
    json::value item;
    ResourceUsage usage;
};

// Of what cannot be read it says so and goes on.
Result<std::vector<Shown>> readable(const json::array& items) {
    std::vector<Shown> all;
    for (const auto& item : items) {
        const auto* usage = item.is_object() ? item.get_object().if_contains("usage") : nullptr;
        if (!usage) return invalid("the server's answer has no usage: is it of another version?");
        if (const auto trouble = text_of(item, "error"); !trouble.empty()) {
            fmt::print(stderr, "gyre: task {}, attempt {}: {}\n", number_of(item, "task"), number_of(item, "attempt"),
                       trouble);
            continue;
        }
        GYRE_TRY_ASSIGN(auto known, read_usage(json::serialize(*usage)));
        all.push_back({item, std::move(known)});
    }
    return all;
}

// All pages as one.
Result<json::array> read_items(ApiClient& client, const NamedRun& run) {
    const std::string target = usage_target(run);
    const std::string next_page = target + (target.find('?') == std::string::npos ? "?" : "&") + "page-token=";
    json::array items;
    std::string next;
    do {
        GYRE_TRY_ASSIGN(const auto page, client.get(next.empty() ? target : next_page + http::url_encode(next)));
        for (auto& item : items_of(page)) items.push_back(std::move(item));
        next = text_of(page, "next_page_token");
    } while (!next.empty());
    return items;
}

std::string tasks_target(const NamedRun& run) {
    return "/api/v2/gyre/project/" + http::url_encode(run.slug) + "/job/" + std::to_string(run.number) + "/tasks";
}

Result<int> show(const Cli& cli, const NamedRun& run) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto items, read_items(client, run));
    if (cli.printed(json::object{{"items", items}})) return 0;
    if (items.empty()) {
        GYRE_TRY_ASSIGN(const auto tasks, client.get(tasks_target(run)));
        fmt::print("nothing was counted: {}\n", terminal_line(why_nothing_was_counted(tasks, run)));
        return 0;
    }
    GYRE_TRY_ASSIGN(const auto usages, readable(items));
    std::vector<std::vector<std::string>> rows{
        {"TASK", "ATTEMPT", "TIME", "CPU", "SHARE", "MEMORY", "LIMIT", "DISK READ / WRITTEN", "NETWORK IN / OUT"}};
    for (const auto& [item, usage] : usages) rows.push_back(row_of(item, usage));
    print_table(rows);
    for (const auto& [item, usage] : usages) {
        const auto* complete = item.get_object().if_contains("complete");
        if (complete && *complete == json::value(false))
            fmt::print("task {}, attempt {} runs: this is what it used so far\n", number_of(item, "task"),
                       number_of(item, "attempt"));
    }
    if (isatty(STDOUT_FILENO) != 1) return 0;
    for (const auto& [item, usage] : usages) print_graphs(item, usage);
    return 0;
}

}  // namespace

void add_usage_command(CLI::App& jobs, Cli& cli) {
    auto run = std::make_shared<NamedRun>();
    run->task = every_task;
    auto* showing = jobs.add_subcommand("usage", "what a job used: CPU, memory, disk, network; graphs on a terminal");
    showing->add_option("project", run->slug, "slug of the project, git/NAME")->required();
    showing->add_option("number", run->number, "number of the job")->required();
    showing->add_option("--task", run->task, "of one of a parallel job's tasks, from 0")->check(from_zero);
    showing->add_option("--attempt", run->attempt, "of one attempt, from 1 (default: all)")->check(from_one);
    add_server_options(showing, cli);
    showing->footer(
        "CPU: of all processors together; SHARE: of what the resource class offers. MEMORY: the most at once, cached\n"
        "files included; the graph is without those that could go.\nExample:  gyre jobs usage git/shop 42");
    cli.on(showing, [&cli, run] { return show(cli, *run); });
}

}  // namespace gyre::apps
