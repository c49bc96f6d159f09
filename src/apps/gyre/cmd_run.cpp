#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>

#include "apps/gyre/approvals.h"
#include "apps/gyre/cli.h"
#include "apps/gyre/follow_run.h"
#include "apps/gyre/installation.h"
#include "apps/gyre/orb_flags.h"
#include "apps/gyre/parameter_texts.h"
#include "apps/gyre/snapshot.h"
#include "apps/gyre/terminal.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"
#include "base/terminal_text.h"
#include "ports/pipeline_reads.h"

namespace gyre::apps {
namespace {

struct RunOptions {
    std::string workflow;
    std::string job;
    std::string sandbox = "off";
    std::string cache_dir;
    std::string docker_socket;
    std::string cdi_directories = ServerSettings{}.cdi_directories;
    std::vector<std::string> approve;     // names of approval jobs, or "all"
    std::vector<std::string> parameters;  // "name=value"
    OrbFlags orbs;
    bool verbose = false;
};

Result<Project> project_of(Installation& installation, const Snapshot& snapshot) {
    const std::string slug = "git/" + std::filesystem::path(snapshot.root).filename().string();
    if (auto known = installation.projects().by_slug(slug)) return known;
    Project project{.id = {random_uuid()},
                    .slug = slug,
                    .remote = snapshot.repository,
                    .default_branch = snapshot.branch,
                    .poll = false,
                    .created_at = SystemClock{}.now()};
    GYRE_TRY(installation.projects().add(project));
    return project;
}

Result<PipelineId> start_pipeline(Installation& installation, const Project& project, const Snapshot& snapshot,
                                  const RunOptions& options) {
    Trigger trigger{.id = {"run:" + random_uuid()},
                    .project = project.id,
                    .kind = TriggerKind::local,
                    .actor = who_runs(),
                    .branch = snapshot.branch,
                    .revision = snapshot.revision,
                    .received_at = SystemClock{}.now()};
    trigger.only_workflow = options.workflow;
    trigger.only_job = options.job;
    GYRE_TRY_ASSIGN(trigger.parameter_texts, parameter_texts(options.parameters));
    return installation.front_door().trigger(trigger);
}

// The next line from the terminal; nothing after Ctrl-C or at its end.
std::optional<bool> ask_person(const std::string& question) {
    fmt::print("{}", question);
    std::fflush(stdout);
    std::string line;
    while (!was_interrupted() && line.find('\n') == std::string::npos) {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        if (poll(&input, 1, 250) <= 0) continue;
        std::array<char, 256> bytes{};
        const auto count = read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        line.append(bytes.data(), static_cast<std::size_t>(count));
    }
    if (was_interrupted()) return std::nullopt;
    return line.starts_with('y') || line.starts_with('Y');
}

Approvals approvals_of(Installation& installation, const RunOptions& options) {
    const bool person = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    return {installation.front_door(), installation.workflows(), options.approve,
            person ? Approvals::Ask(ask_person) : Approvals::Ask(), who_runs()};
}

Result<int> print_until_over(Installation& installation, const std::vector<WorkflowId>& workflows,
                             const RunOptions& options) {
    Approvals approvals = approvals_of(installation, options);
    GYRE_TRY_ASSIGN(const auto followed, follow(installation, workflows, [&] { return approvals.look(workflows); }));
    if (followed.canceled) return 130;
    if (approvals.missed()) return exit_not_allowed;
    return followed.success ? 0 : exit_failed;
}

Result<int> run_pipeline(Installation& installation, const Snapshot& snapshot, const RunOptions& options) {
    GYRE_TRY_ASSIGN(const Project project, project_of(installation, snapshot));
    GYRE_TRY_ASSIGN(const PipelineId id, start_pipeline(installation, project, snapshot, options));
    GYRE_TRY(check_server_answered(options.orbs));
    GYRE_TRY_ASSIGN(const Pipeline pipeline, installation.workflows().load_pipeline(id));
    for (const auto& error : pipeline.errors) fmt::print(stderr, "{}\n", terminal_text(error.message));
    if (!pipeline.errors.empty()) return exit_usage;
    GYRE_TRY_ASSIGN(const auto workflows, installation.reads().workflows_of(id));
    if (workflows.empty()) {
        fmt::print("no workflow of the config runs for branch {}\n", snapshot.branch);
        return 0;
    }
    if (pipeline.plan.setup)
        fmt::print(stderr,
                   "gyre: this is a setup config. Its own workflow runs here; the config that it hands over runs on a "
                   "server only: push to a project there, or start one with `gyre trigger`\n");
    return print_until_over(installation, workflows, options);
}

ServerSettings settings_of(const RunOptions& options, const std::string& data_dir) {
    ServerSettings settings;
    settings.data_dir = data_dir;
    settings.client = "local";
    settings.base_url = "http://localhost";
    settings.sandbox = options.sandbox;
    settings.docker_socket = options.docker_socket;
    settings.cdi_directories = options.cdi_directories;
    settings.reserve_memory_mb = 0;
    return settings;
}

Result<int> run(const RunOptions& options) {
    log::set_level(options.verbose ? log::Level::info : log::Level::error);
    GYRE_TRY_ASSIGN(const std::string root, working_copy_root("."));
    GYRE_TRY_ASSIGN(const std::string caches, cache_dir_of(options.cache_dir));
    const std::string cache = caches + "/run/" + sha256_hex(root).substr(0, 16);
    GYRE_TRY_ASSIGN(auto orbs, orb_source(options.orbs));
    GYRE_TRY_ASSIGN(
        const auto installation,
        Installation::open({.settings = settings_of(options, cache), .serve = false, .orbs = std::move(orbs)}));
    GYRE_TRY_ASSIGN(Snapshot snapshot, take_snapshot(root, cache + "/snapshot.git"));
    fmt::print("running {} at {}{}\n", root, snapshot.revision.substr(0, 8),
               snapshot.has_changes ? " (with uncommitted changes)" : "");
    if (options.sandbox == "none") fmt::print(stderr, "{}\n", no_isolation);
    GYRE_TRY(installation->start());
    GYRE_TRY(cancel_leftovers(*installation, "a later gyre run"));
    catch_interrupts();
    const auto done = run_pipeline(*installation, snapshot, options);
    installation->stop();
    return done;
}

}  // namespace

void add_run_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand(
        "run", "run this working copy's config here, uncommitted changes included; no server needed");
    auto options = std::make_shared<RunOptions>();
    auto* workflow = command->add_option("--workflow", options->workflow, "this workflow only");
    command->add_option("--job", options->job, "this job alone, without the jobs that it requires")->excludes(workflow);
    command
        ->add_option("--sandbox", options->sandbox,
                     "without a container engine, host: run jobs in a sandbox on this host's files; none: as plain "
                     "processes of yours with NO isolation, not as root; off: not at all")
        ->check(CLI::IsMember({"off", "host", "none"}))
        ->capture_default_str();
    add_engine_option(command, options->docker_socket);
    add_gpu_option(command, options->cdi_directories);
    command->add_option(
        "--cache-dir", options->cache_dir,
        "where caches and state are kept, of each working copy; without an engine its images as well, 20 GB "
        "of them at most (default: ~/.cache/gyre)");
    command
        ->add_option("--approve", options->approve,
                     "approve this approval job when its turn comes, or `all`; may be repeated (default: ask)")
        ->allow_extra_args(false);
    add_parameter_option(command, options->parameters);
    add_orb_options(command, options->orbs);
    command->add_flag("--verbose", options->verbose, "print the server's own log as well");
    command->footer(
        "Exit code: 0 all green, 1 a job failed, 2 the config has errors, 4 an approval is missing, 130 canceled.\n"
        "Example:  gyre run --sandbox host --job test");
    cli.on(command, [options] { return run(*options); });
}

}  // namespace gyre::apps
