#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "adapters/local/capacity.h"
#include "apps/gyre/cli.h"
#include "apps/gyre/follow_run.h"
#include "apps/gyre/replay.h"
#include "apps/gyre/text_file.h"
#include "base/fd.h"
#include "base/log.h"
#include "model/remote.h"

namespace gyre::apps {
namespace {

constexpr std::size_t most_of_a_secret = 64 << 10;
constexpr std::int64_t time_for_a_shell = std::int64_t{12} * 3600 * 1000;

struct ReplayOptions {
    NamedRun run;
    ReplayWish wish;
    std::vector<std::string> secrets;  // "NAME" or "NAME=@FILE"
    std::string remote;
    std::string sandbox = "off";
    std::string docker_socket;
    std::string cdi_directories = ServerSettings{}.cdi_directories;
    std::string cache_dir;
    bool verbose = false;
};

// Only what somebody asks for by its name: which secrets a job had is the word of whoever ran it.
Result<std::map<std::string, std::string>> secrets_of(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> secrets;
    for (const auto& text : texts) {
        const std::string name = text.substr(0, text.find('='));
        const bool is_file = text.compare(name.size(), 2, "=@") == 0;
        if (name.empty() || (name != text && !is_file))
            return invalid(
                "--secret takes NAME, from your environment, or NAME=@FILE: values do not belong on a command line, "
                "where others see them");
        if (is_file) {
            GYRE_TRY_ASSIGN(std::string value, read_text_file(text.substr(name.size() + 2), most_of_a_secret));
            if (value.ends_with('\n')) value.pop_back();
            secrets[name] = std::move(value);
            continue;
        }
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) return invalid("there is no " + name + " in your environment");
        secrets[name] = value;
    }
    return secrets;
}

Result<std::string> remote_of(ApiClient& client, const ReplayOptions& options) {
    std::string remote = options.remote;
    if (remote.empty()) {
        GYRE_TRY_ASSIGN(const auto project, client.get("/api/v2/project/" + http::url_encode(options.run.slug)));
        remote = text_of(project, "remote");
    }
    GYRE_TRY(check_remote(remote));
    return remote;
}

using OwnedFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Standard output itself; what is printed from now on goes where errors go.
Result<OwnedFile> keep_standard_output() {
    std::fflush(stdout);
    Fd kept(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!kept || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return errno_error("keeping standard output for the JSON");
    OwnedFile file(::fdopen(kept.get(), "w"), std::fclose);
    if (!file) return errno_error("keeping standard output for the JSON");
    kept.release();
    return file;
}

ServerSettings settings_of(const ReplayOptions& options, const JobManifest& manifest, const std::string& caches) {
    ServerSettings settings;
    settings.data_dir = caches + "/replay";
    settings.client = "local";
    settings.base_url = "http://localhost";
    settings.sandbox = options.sandbox;
    settings.docker_socket = options.docker_socket;
    settings.cdi_directories = options.cdi_directories;
    settings.reserve_memory_mb = 0;
    // A job that this machine is too small for is tried still: there is no other one.
    const auto machine = adapters::machine_resources();
    settings.cpus = (std::max(machine.millicpus, manifest.resources.millicpus) + 999) / 1000;
    settings.memory_mb = std::max(machine.memory_mb, manifest.resources.memory_mb);
    settings.gpus = std::to_string(manifest.resources.gpus);
    settings.job_timeout_ms = std::max<std::int64_t>(manifest.job_ms, 1000);
    settings.ssh_listen = settings.ssh_host = "127.0.0.1";
    if (options.wish.shell) settings.job_timeout_ms += time_for_a_shell;
    return settings;
}

Result<int> replay_job(const Cli& cli, const ReplayOptions& options) {
    log::set_level(options.verbose ? log::Level::info : log::Level::error);
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(target_of(options.run, "/manifest")));
    ReplayRequest request{
        .name = options.run, .run = {}, .remote = {}, .wish = options.wish, .plan = {}, .settings = {}};
    GYRE_TRY_ASSIGN(request.run, read_run(answer));
    // Later questions are about the same attempt, whatever is made of the job meanwhile.
    request.name.attempt = request.run.manifest.attempt.attempt;
    GYRE_TRY_ASSIGN(request.wish.secrets, secrets_of(options.secrets));
    GYRE_TRY_ASSIGN(request.plan, plan_replay(request.run.manifest, request.wish));
    GYRE_TRY_ASSIGN(request.remote, remote_of(client, options));
    GYRE_TRY_ASSIGN(const std::string caches, cache_dir_of(options.cache_dir));
    request.settings = settings_of(options, request.run.manifest, caches);
    OwnedFile report(nullptr, std::fclose);
    if (cli.as_json) {
        GYRE_TRY_ASSIGN(report, keep_standard_output());
    }
    request.report = report.get();
    fmt::print("replaying job {} ({}) of {} at {}\n", request.run.manifest.build_number, request.run.manifest.job_name,
               request.run.manifest.project_slug, request.run.manifest.revision.substr(0, 8));
    if (options.sandbox == "none") fmt::print(stderr, "{}\n", no_isolation);
    return replay(client, std::move(request));
}

void add_place_options(CLI::App* command, ReplayOptions& options) {
    command
        ->add_option("--sandbox", options.sandbox,
                     "without a container engine, host: run the job in a sandbox on this host's files; none: as plain "
                     "processes of yours with NO isolation, not as root; off: not at all")
        ->check(CLI::IsMember({"off", "host", "none"}))
        ->capture_default_str();
    add_engine_option(command, options.docker_socket);
    add_gpu_option(command, options.cdi_directories);
    command->add_option("--cache-dir", options.cache_dir, "where caches and state are kept (default: ~/.cache/gyre)");
    command->add_flag("--verbose", options.verbose, "print the embedded server's own log as well");
}

}  // namespace

void add_replay_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand(
        "replay", "run a job of a server again on this machine, with the commit, images, caches and workspace it had");
    auto options = std::make_shared<ReplayOptions>();
    command->add_option("project", options->run.slug, "slug of the project, git/NAME")->required();
    command->add_option("number", options->run.number, "number of the job")->required();
    command->add_option("--task", options->run.task, "which of a parallel job's tasks, from 0")->check(from_zero);
    command->add_option("--attempt", options->run.attempt, "which attempt at it (default: the last)")->check(from_one);
    command->add_option("--from", options->wish.from,
                        "begin at this step (number or name); of those before it, checkout, restore_cache, "
                        "attach_workspace and background steps are run");
    command->add_flag("--shell", options->wish.shell,
                      "a shell in the job's place when a step has failed; with --from, instead of that step");
    command
        ->add_option("--secret", options->secrets,
                     "NAME (its value in your environment) or NAME=@FILE, a secret of the job; may be repeated")
        ->allow_extra_args(false);
    command->add_flag("--by-tag", options->wish.by_tag, "images by their tags, whatever these stand for now");
    command->add_option("--remote", options->remote, "where the commit is (default: the project's remote)");
    add_place_options(command, *options);
    add_server_options(command, cli);
    command->footer(
        "Secrets come from --secret, or from variables of the same name; the server gives none away.\n"
        "Exit code: that of the job, 0 green, 1 failed; 3 no such job, or not kept; 130 canceled.\n"
        "With --json the log goes to standard error, and the last line on standard output tells how it ended, and what "
        "was not as on the server.\n"
        "Example:  gyre replay git/shop 42 --sandbox host --shell");
    cli.on(command, [&cli, options] { return replay_job(cli, *options); });
}

}  // namespace gyre::apps
