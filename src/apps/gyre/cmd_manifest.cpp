#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/job_run.h"
#include "apps/gyre/run_difference.h"
#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"

// What jobs ran with: one, or two compared.

namespace gyre::apps {
namespace {

struct ManifestOptions {
    NamedRun run;
    std::int64_t other = 0;  // the number of the second job
};

void say(const char* name, const std::string& value) {
    if (!value.empty()) fmt::print("{:<12}{}\n", name, terminal_line(value));
}

void print_facts(const JobManifest& manifest, const std::string& status) {
    say("job", fmt::format("{}, number {}, task {} of {}, attempt {}: {}", manifest.job_name, manifest.build_number,
                           manifest.attempt.task, manifest.task_total, manifest.attempt.attempt, status));
    say("project", manifest.project_slug);
    say("commit", manifest.revision);
    say("branch", manifest.branch);
    say("tag", manifest.tag);
    say("executor", manifest.executor);
    for (const auto& image : manifest.images)
        say("image", image.reference + "  " + (image.digest.empty() ? image.id : image.digest));
    for (const auto& gpu : manifest.gpus) say("GPU", gpu);
    say("limits", fmt::format("{:.4g} CPUs, {} MB, {}", manifest.resources.millicpus / 1000.0,
                              manifest.resources.memory_mb, human_duration(manifest.job_ms)));
    say("agent", manifest.agent + " on " + manifest.system);
    for (const auto& name : manifest.secrets) say("secret", name);
    for (const auto* some : {&manifest.built_in, &manifest.job.environment}) {
        for (const auto& [name, value] : *some) say("variable", name + "=" + value);
    }
    for (const auto& cache : manifest.caches) {
        const std::string found =
            cache.found ? fmt::format("{}  {}  {}{}", cache.found->key, cache.found->blob,
                                      human_bytes(cache.found->size), cache.restored ? "" : "  (not restored)")
                        : "none found";
        say("cache", fmt::format("step {}: {}", cache.step, found));
    }
    for (const auto& workspace : manifest.workspaces) {
        for (const auto& layer : workspace.layers)
            say("layer", fmt::format("step {}: of {}  {}  {}", workspace.step, layer.job_name, layer.blob,
                                     human_bytes(layer.size)));
    }
    if (manifest.masked) say("note", "the value of a secret stood in some text, and is masked here");
    if (manifest.incomplete) say("note", "steps, caches and workspaces are left out: there would be too many");
}

void print_steps(const std::vector<StepRecord>& steps) {
    std::vector<std::vector<std::string>> rows{{"STEP", "NAME", "TYPE", "STATUS", "EXIT", "TIME", "OUTPUT"}};
    for (const auto& step : steps)
        rows.push_back({std::to_string(step.index), step.name.substr(0, step.name.find('\n')), step.type,
                        std::string(name_of(step.status)), step.exit_code ? std::to_string(*step.exit_code) : "-",
                        human_duration(step.run_time_ms), human_bytes(step.output_bytes)});
    fmt::print("\n");
    print_table(rows);
}

Result<int> show(const Cli& cli, const ManifestOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(target_of(options.run, "/manifest")));
    if (cli.printed(answer)) return 0;
    GYRE_TRY_ASSIGN(const auto run, read_run(answer));
    print_facts(run.manifest, run.status);
    print_steps(run.steps);
    return 0;
}

void print_differences(const std::vector<Difference>& differences, const std::string& a, const std::string& b) {
    std::vector<std::vector<std::string>> rows{{"WHAT", a, b}};
    for (const auto& [what, before, after] : differences) rows.push_back({what, before, after});
    print_table(rows);
}

Result<int> diff(const Cli& cli, const ManifestOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    NamedRun second = options.run;
    second.number = options.other;
    second.attempt = 0;
    GYRE_TRY_ASSIGN(const auto first_answer, client.get(target_of(options.run, "/manifest")));
    GYRE_TRY_ASSIGN(const auto second_answer, client.get(target_of(second, "/manifest")));
    GYRE_TRY_ASSIGN(const auto before, read_run(first_answer));
    GYRE_TRY_ASSIGN(const auto after, read_run(second_answer));
    const auto found = differences(before, after);
    const auto times = durations(before, after);
    const int code = found.empty() ? 0 : exit_failed;
    if (cli.printed(json::object{{"differences", to_json(found)}, {"durations", to_json(times)}})) return code;
    const std::string a = "JOB " + std::to_string(options.run.number);
    const std::string b = "JOB " + std::to_string(options.other);
    if (found.empty()) fmt::print("they ran with the same, and ended alike\n");
    if (!found.empty()) print_differences(found, a, b);
    fmt::print("\n");
    print_differences(times, a, b);
    return code;
}

void add_run_options(CLI::App* command, NamedRun& run) {
    command->add_option("--task", run.task, "which of a parallel job's tasks, from 0")->check(from_zero);
    command->add_option("--attempt", run.attempt, "which attempt at it (default: the last)")->check(from_one);
}

}  // namespace

void add_manifest_commands(CLI::App& jobs, Cli& cli) {
    auto options = std::make_shared<ManifestOptions>();
    auto* showing = jobs.add_subcommand("manifest", "what a job ran with: commit, images, caches, variables, limits");
    auto* comparing = jobs.add_subcommand("diff", "what differed between two runs");
    for (auto* command : {showing, comparing}) {
        command->add_option("project", options->run.slug, "slug of the project, git/NAME")->required();
        command->add_option("number", options->run.number, "number of the job")->required();
        add_run_options(command, options->run);
        add_server_options(command, cli);
    }
    comparing->add_option("other", options->other, "number of the job that it is compared with")->required();
    comparing->footer(
        "Exit code: 0 they ran with the same and ended alike, 1 they did not. Times, and variables that name the run\n"
        "itself, do not count.\nExample:  gyre jobs diff git/shop 41 42");
    showing->footer("Example:  gyre jobs manifest git/shop 42");
    cli.on(showing, [&cli, options] { return show(cli, *options); });
    cli.on(comparing, [&cli, options] { return diff(cli, *options); });
}

}  // namespace gyre::apps
