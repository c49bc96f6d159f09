#include "apps/gyre/installation.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "adapters/fs/output_store.h"
#include "adapters/git/git_executable.h"
#include "adapters/local/process_launcher.h"
#include "adapters/memory/live.h"
#include "api/api.h"
#include "api/site.h"
#include "apps/gyre/backup_loop.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/health.h"
#include "apps/gyre/housekeeping.h"
#include "apps/gyre/known_to_jobs.h"
#include "apps/gyre/machine_share.h"
#include "apps/gyre/neighbours.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/objects_in_use.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/open_files.h"
#include "apps/gyre/paced_work.h"
#include "apps/gyre/records.h"
#include "apps/gyre/restore.h"
#include "apps/gyre/secret_keys.h"
#include "apps/gyre/setting_forms.h"
#include "apps/gyre/ssh_settings.h"
#include "base/digest.h"
#include "base/log.h"
#include "conductor/conductor.h"
#include "conductor/effect_loop.h"
#include "conductor/orb_source.h"
#include "config/check_orb.h"
#include "config/render.h"
#include "dispatch/dispatcher.h"
#include "gateway/gateway.h"
#include "httpd/server.h"
#include "identity/job_secrets.h"
#include "intake/poller.h"
#include "intake/schedule_loop.h"
#include "output/kept_outputs.h"
#include "web_assets.h"

namespace gyre::apps {
namespace {

constexpr std::chrono::seconds longest_cleanup{15};  // of an agent after its job; `gyre run` waits for it
constexpr std::int64_t least_free = 100 << 20;       // bytes on the disk of the data directory, to be well

std::vector<api::Asset> site_assets() {
    std::vector<api::Asset> assets;
    for (const auto& asset : web_assets())
        assets.push_back({asset.path, asset.content_type, asset.bytes, asset.immutable});
    return assets;
}

template <typename Loop>
class ForwardedSignal {
public:
    void give() const {
        if (to != nullptr) to->wake();
    }
    Loop* to = nullptr;
};

}  // namespace

std::string executable_directory() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

// What was opened and can fail, before the parts that only refer to it.
struct Stores {
    DataDirectory data;
    std::int64_t open_files = 0;  // how many there may be
    std::string socket;
    std::string launch_key;
    std::string objects;  // the directory of logs, caches, artifacts; perhaps of several servers
    std::string signing_key;
    std::unique_ptr<sql::Stores> records;
    Fd objects_used;  // says that this server uses them
    std::unique_ptr<Objects> blobs;
    std::unique_ptr<fs::FileOutputStore> outputs;
    std::unique_ptr<identity::Vault> vault;
};

namespace {

NurseryCommand agent_command(const ServerSettings& settings, const Stores& stores, const std::string& client,
                             bool serve) {
    const std::string here = executable_directory();
    NurseryCommand command;
    command.argv = {
        here + "/gyre-agent",       "--server", "unix:" + stores.socket, "--client",  client,          "--work-dir",
        stores.data.file("agents"), "--injob",  here + "/gyre-injob",    "--sandbox", settings.sandbox};
    command.argv.insert(command.argv.end(), {"--hide", stores.data.path()});  // keys, secrets, other jobs' results
    if (stores.objects != stores.data.path()) command.argv.insert(command.argv.end(), {"--hide", stores.objects});
    if (const auto keys = hidden_directory_of(settings.secrets_key_file); !keys.empty())
        command.argv.insert(command.argv.end(), {"--hide", keys});
    if (!settings.docker_socket.empty())
        command.argv.insert(command.argv.end(), {"--docker-socket", settings.docker_socket});
    command.argv.insert(command.argv.end(), {"--remote-docker", settings.remote_docker});
    if (!serve) command.argv.insert(command.argv.end(), {"--ends-with", std::to_string(::getpid())});
    if (serve && settings.ready_containers == "yes") command.argv.emplace_back("--ready-container");
    command.argv.insert(command.argv.end(), {"--image-budget-mb", std::to_string(settings.image_budget_mb)});
    command.argv.insert(command.argv.end(), {"--cdi-directories", settings.cdi_directories});
    command.argv.insert(command.argv.end(), {"--job-disk-mb", std::to_string(settings.job_disk_mb),  //
                                             "--disk-floor-mb", std::to_string(settings.disk_floor_mb)});
    command.secret = stores.launch_key;
    command.log_file = stores.data.file("agents.log");
    return command;
}

// With paths that do not depend on where the server was started.
ServerSettings settings_at_home(ServerSettings settings, const Stores& stores) {
    settings.data_dir = stores.data.path();
    return settings;
}

Duration backup_pace(const InstallationOptions& options) {
    if (!options.serve || options.settings.backup_to.empty()) return Duration{0};
    return std::chrono::minutes{options.settings.backup_every_minutes};
}

}  // namespace

// In the order of construction: what stands lower may use what stands higher.
struct Installation::Parts {
    Parts(const InstallationOptions& given, Stores opened);

    InstallationOptions options;
    std::string client;
    Stores stores;
    output::KeptOutputs outputs;
    SystemClock clock;
    memory::MemoryLive news_here;
    NewsOfAll live;
    adapters::GitExecutable git;
    adapters::ProcessLauncher launcher;
    BellOfAll bell_here;
    BellOfAll dispatch_bell;  // dispatch needs the conductor, which rings it: the bell is hung up before its hammer
    ForwardedSignal<conductor::EffectLoop> effects_signal;
    ForwardedSignal<intake::ScheduleLoop> schedules_signal;
    conductor::Conductor conductor;
    gateway::SshDesk ssh;
    gateway::Gateway gateway;
    Neighbours neighbours;
    StopsOfAll stop_bell;
    conductor::EffectLoop effects;
    intake::PushesAtWork pushes_at_work;
    dispatch::Dispatcher dispatcher;
    intake::Poller poller;
    intake::ScheduleLoop schedules;
    api::Api api;
    httpd::Router agent_routes;
    httpd::Router routes;
    httpd::Server server;
    std::uint16_t port = 0;
    OutboxWatch outbox_watch;
    std::atomic<bool> database_answers = true;  // when it was looked at last
    BackupLoop backups;
    PacedWork sweeps;
    output::Sealer sealer;
    PacedWork seals;
    std::unique_ptr<Services> services;
    HealthDesk health;

    intake::PushPorts push_ports() {
        sql::Stores& records = *stores.records;
        return {records.project_store(), records.push_store(),    conductor, git, clock,
                pushes_at_work,          records.schedule_store()};
    }
    Result<PipelineId> receive(const Project& project, const api::SeenPush& push);
    api::CheckedOrb checked_orb(const std::string& reference, const std::string& text);
    std::string base_url() const;
    gateway::SecretsSource secrets_source();
    gateway::AssignmentSource assignments();
    Result<output::Swept> sweep_once(const PacedWork::GoOn& go_on);
    void seal_once(const PacedWork::GoOn& go_on);
    api::ApiPorts api_ports();
    api::Wishes wishes();
    Result<void> listen();
    Result<void> settle_disk();
    Result<std::string> look_at_database();
    template <typename Look>
    Result<std::string> through_database(Look look) const;
    Result<std::string> look_at_secret_keys();
    Result<std::string> look_at_connections() const;
    Result<std::string> look_at_agents();
    std::vector<Service> list_services();
};

Installation::Parts::Parts(const InstallationOptions& given, Stores opened)
    : options(given),
      client(client_of(given.settings)),
      stores(std::move(opened)),
      outputs(*stores.outputs, stores.records->sealed_outputs(), stores.blobs->blobs()),
      live(news_here),
      git(stores.data.file("git"), given.serve ? checkout_keys_in(*stores.vault) : nullptr),
      launcher(agent_command(given.settings, stores, client, given.serve)),
      conductor({.workflows = stores.records->workflow_store(),
                 .projects = stores.records->project_store(),
                 .git = git,
                 .live = live,
                 .clock = clock,
                 .dispatch = dispatch_bell,
                 .outbox_has_more = [this] { effects_signal.give(); },
                 .orbs = given.serve ? conductor::registered_orbs(stores.records->orb_store(), clock) : given.orbs,
                 .schedules_changed = [this] { schedules_signal.give(); },
                 .gpus = gpus_of_a_job(given.settings)}),
      ssh({stores.records->ssh_store(), stores.records->audit_log(), stores.records->workflow_store(),
           stores.records->project_store(), clock},
          ssh_settings(given.settings)),
      gateway({conductor, stores.records->workflow_store(), stores.records->task_queue(), stores.records->run_records(),
               *stores.outputs, stores.blobs->blobs(), stores.records->keepsakes(), stores.records->test_history(),
               launcher, live, clock, &ssh},
              assignments(),
              {.client = client,
               .launch_key = stores.launch_key,
               .limits = limits_of(given.settings),
               .others_take_over = !given.settings.database.empty()}),
      neighbours({stores.records->servers(), stores.records->task_queue(), gateway, bell_here,
                  [this] { effects_signal.give(); }, news_here},
                 {.database = given.settings.database, .server = client, .signing_key = stores.signing_key}),
      stop_bell(gateway, neighbours),
      effects(stores.records->outbox(), stop_bell, conductor),
      dispatcher({stores.records->task_queue(), conductor, gateway, launcher, clock, &stores.records->queue_rules(),
                  [this] { return settle_disk(); }},
                 {.client = client,
                  .offered = offered(given.settings),
                  .warm_agents = given.settings.warm_agents,
                  .runs = is_chosen("dispatcher", given.settings.only, given.settings.except)}),
      poller(push_ports(), std::chrono::milliseconds{given.serve ? given.settings.poll_interval_ms : 0}),
      schedules({stores.records->project_store(), stores.records->schedule_store(), conductor, git, clock}),
      api(api_ports(), wishes(), {.base_url = given.settings.base_url, .signing_key = stores.signing_key}),
      server({.connections = connections_within(stores.open_files),
              .io_threads = given.settings.io_threads,
              .worker_threads = workers_of(given.settings)}),
      outbox_watch(stores.records->outbox()),
      backups(backup_work(settings_at_home(given.settings, stores)), backup_pace(given), clock),
      sweeps(
          [this](const PacedWork::GoOn& go_on) {
              const auto swept = sweep_once(go_on);
              if (swept || go_on()) tell(swept);  // a stop is no trouble
          },
          std::chrono::minutes{given.serve ? given.settings.sweep_every_minutes : 0}),
      sealer({*stores.outputs, stores.records->sealed_outputs(), stores.blobs->blobs()}, stores.objects),
      seals([this](const PacedWork::GoOn& go_on) { seal_once(go_on); },
            std::chrono::seconds{given.serve ? given.settings.seal_every_seconds : 0}, Urgency::batch),
      services(std::make_unique<Services>(std::vector<Service>{})),
      health([this] { return services->health(); }, clock) {
    bell_here.here = dispatch_bell.here = &dispatcher;
    dispatch_bell.others = live.others = &neighbours;
    effects_signal.to = &effects;
    schedules_signal.to = &schedules;
    gateway.add_routes(agent_routes);
    api::add_health(routes, [this] { return health.report(); });
    api::add_site(routes, site_assets());
    api.add_routes(routes);
}

void Installation::Parts::seal_once(const PacedWork::GoOn& go_on) {
    const auto sealed = sealer.turn(go_on);
    if (sealed || go_on()) tell(sealed);  // a stop is no trouble
}

Result<output::Swept> Installation::Parts::sweep_once(const PacedWork::GoOn& go_on) {
    GYRE_TRY(check_before_sweep(*stores.records, *stores.blobs, stores.objects));
    const auto ended = stores.blobs->end_abandoned_uploads(go_on);
    if (ended || go_on()) tell_ended_uploads(ended);
    const auto free = [this] { return Result<std::optional<std::int64_t>>(stores.blobs->free_bytes()); };
    return output::sweep(stores.records->keepsakes(), api_ports().blobs, sweep_rules(options.settings), free, go_on);
}

api::ApiPorts Installation::Parts::api_ports() {
    sql::Stores& records = *stores.records;
    return {conductor,
            records.pipeline_reads(),
            records.workflow_store(),
            records.project_store(),
            records.token_store(),
            records.run_records(),
            outputs,
            stores.blobs->blobs(),
            records.task_queue(),
            records.orb_store(),
            live,
            dispatcher,
            clock,
            records.schedule_store(),
            records.queue_rules(),
            dispatcher,
            records.ssh_store(),
            records.audit_log(),
            dispatch_bell,
            *stores.vault,
            records.context_store(),
            records.secret_store()};
}

// What was announced before, and did not arrive, is not asked for again by anybody: this news is the occasion to look.
Result<PipelineId> Installation::Parts::receive(const Project& project, const api::SeenPush& push) {
    auto received = intake::receive_push(
        push_ports(), project,
        {.ref = push.ref, .before = push.before, .after = push.after, .actor = push.actor, .delivery = push.delivery});
    if (!received && received.error().fault == Fault::invalid) return received.error();  // nonsense is no occasion
    if (!received || received->out_of_turn || !project.poll) poller.look_soon(project.id);
    if (!received) return received.error();
    return std::move(received->pipeline);
}

api::CheckedOrb Installation::Parts::checked_orb(const std::string& reference, const std::string& text) {
    const auto diagnostics = config::check_orb(
        text, {.file = reference, .orbs = conductor::registered_orbs(stores.records->orb_store(), clock)});
    api::CheckedOrb checked{.valid = !config::has_errors(diagnostics), .report = config::render_text(diagnostics)};
    auto json = parse_json(config::render_json(diagnostics), {.bytes = std::size_t{64} << 20, .depth = 64});
    if (json && json->is_object()) checked.diagnostics = json->get_object()["diagnostics"];
    return checked;
}

api::Wishes Installation::Parts::wishes() {
    api::Wishes wishes;
    wishes.pipeline = [this](const Project& project, const api::WantedPipeline& wanted) {
        return intake::receive_request(push_ports(), project,
                                       {.branch = wanted.branch,
                                        .tag = wanted.tag,
                                        .actor = wanted.actor,
                                        .parameters = wanted.parameters,
                                        .parameter_texts = wanted.parameter_texts});
    };
    wishes.push = [this](const Project& project, const api::SeenPush& push) { return receive(project, push); };
    wishes.check_orb = [this](const std::string& reference, const std::string& text) {
        return checked_orb(reference, text);
    };
    wishes.add_project = [this](Project project, bool look) -> Result<api::NewProject> {
        const auto first = look ? intake::FirstLook::now : intake::FirstLook::later;
        GYRE_TRY_ASSIGN(auto added, intake::add_project(push_ports(), std::move(project), first));
        return api::NewProject{std::move(added.project), added.read, std::move(added.refusal)};
    };
    wishes.look = [this](const Project& project) { return intake::look_at(push_ports(), project); };
    return wishes;
}

std::string Installation::Parts::base_url() const {
    if (!options.settings.base_url.empty()) return options.settings.base_url;
    auto place = parse_listen(options.settings.listen);
    if (!place) return "http://localhost";
    place->port = port;
    return "http://" + place->text();
}

// `gyre run` has no projects to know secrets of.
gateway::SecretsSource Installation::Parts::secrets_source() {
    if (!options.serve) return nullptr;
    return [this](const Project& project, const Trigger& trigger, const gateway::WantedSecrets& wanted) {
        sql::Stores& records = *stores.records;
        const identity::SecretPorts ports{*stores.vault, records.secret_store(), records.context_store()};
        auto secrets = secrets_of(ports, project, trigger.fork, wanted);
        if (secrets)
            secrets = with_tokens(std::move(*secrets), ports, project, trigger, wanted,
                                  {base_url(), stores.signing_key}, clock.now());
        if (!secrets && secrets.error().fault != Fault::denied)
            log::warn("secrets", "what a job of {} may know cannot be read: {}", project.slug, secrets.error().message);
        return secrets;
    };
}

// The URL is known when the port is, after construction.
gateway::AssignmentSource Installation::Parts::assignments() {
    auto source = gateway::assignment_source(
        stores.records->workflow_store(), stores.records->project_store(), [this] { return base_url(); },
        stores.signing_key, secrets_source());
    return [this, source = std::move(source)](const AttemptRef& attempt) -> Result<wire::Assignment> {
        GYRE_TRY_ASSIGN(auto assignment, source(attempt));
        if (options.adjust) options.adjust(assignment);
        return assignment;
    };
}

Result<void> Installation::Parts::listen() {
    GYRE_TRY(server.listen_unix(stores.socket, agent_routes));
    if (options.serve) {
        GYRE_TRY_ASSIGN(const ListenAddress place, parse_listen(options.settings.listen));
        GYRE_TRY_ASSIGN(port, server.listen_tcp(place.host, place.port, routes));
    }
    server.start();
    return {};
}

// After a failure of the disk with output and blobs: whether it is well again.
Result<void> Installation::Parts::settle_disk() {
    GYRE_TRY(stores.outputs->settle());
    return stores.blobs->settle();
}

Result<std::string> Installation::Parts::look_at_database() {
    const auto reads = stores.records->health();
    database_answers = reads.ok();
    GYRE_TRY(reads);
    return neighbours.look();
}

// The database is looked at first. When it is away, nobody waits for it once more.
template <typename Look>
Result<std::string> Installation::Parts::through_database(Look look) const {
    if (!database_answers) return unavailable("waits for the database");
    return look();
}

// Everybody may read it: where the file is, the doctor tells.
Result<std::string> Installation::Parts::look_at_secret_keys() {
    GYRE_TRY_ASSIGN(const auto in_use, stores.records->secret_store().keys());
    if (!check_secret_keys(settings_at_home(options.settings, stores), in_use))
        return unavailable(
            "secrets are sealed with a key that this server's file does not hold, so that it can start no job that "
            "needs them: gyre doctor says which");
    return std::to_string(in_use.size()) + (in_use.size() == 1 ? " key seals secrets" : " keys seal secrets");
}

Result<std::string> Installation::Parts::look_at_connections() const {
    GYRE_TRY_ASSIGN(const int open, server.room());
    return std::to_string(open) + (open == 1 ? " connection" : " connections");
}

Result<std::string> Installation::Parts::look_at_agents() {
    const std::string here = executable_directory();
    GYRE_TRY(look_for_programs({here + "/gyre-agent", here + "/gyre-injob"}));
    return look_at_leases(gateway.next_lease_end(), clock.steady());
}

std::vector<Service> Installation::Parts::list_services() {
    const auto nothing = [] {};
    const auto begin = [](auto start) {
        return [start]() -> Result<void> {
            start();
            return {};
        };
    };
    return {
        {"database",
         {},
         [this] { return neighbours.start(); },
         [this] { neighbours.stop(); },
         [this] { return look_at_database(); }},
        {"fileserverd",
         {},
         begin(nothing),
         nothing,
         [this]() -> Result<std::string> {
             GYRE_TRY(settle_disk());
             GYRE_TRY_ASSIGN(const auto folder,
                             look_at_folder("the store of blobs", stores.blobs->folder(), least_free));
             GYRE_TRY_ASSIGN(const auto seen, stores.blobs->look(clock.steady()));
             return seen.empty() ? folder : seen + "; " + folder;
         }},
        {"workflows-conductor",
         {"database"},
         begin([this] { effects.start(); }),
         [this] { effects.stop(); },
         [this] { return through_database([this] { return outbox_watch.look(clock.steady()); }); }},
        {"output-processor",
         {"database", "fileserverd"},
         [this]() -> Result<void> {
             GYRE_TRY(gateway.start());
             seals.start();
             return {};
         },
         [this] { seals.stop(); },
         [this] { return look_at_folder("the store of output", stores.objects + "/output", least_free); }},
        {"frontend",
         {"output-processor", "workflows-conductor"},
         [this] { return listen(); },
         [this] { server.stop(Duration{2'000}); },
         [this] { return look_at_connections(); }},
        // Leases are no longer watched before agents can no longer be heard: a stop must cost no job its attempt.
        {"scheduler",
         {"frontend"},
         begin(nothing),
         [this] {
             gateway.stop();
             launcher.dismiss_waiting();
             if (!options.serve) launcher.await_ends(longest_cleanup);
         },
         [this] { return look_at_agents(); }},
        {"dispatcher",
         {"scheduler"},
         begin([this] { dispatcher.start(); }),
         [this] { dispatcher.stop(); },
         [this] {
             return through_database([this] { return look_at_claims(stores.records->task_queue(), clock.now()); });
         }},
        {"cron-service",
         {"workflows-conductor"},
         begin([this] {
             if (!options.serve) return;
             poller.start();
             schedules.start();
             sweeps.start();
         }),
         [this] {
             sweeps.stop();
             schedules.stop();
             poller.stop();
         },
         [] { return look_for_programs({"git"}); }},
        {"contexts-service",
         {"database"},
         begin(nothing),
         nothing,
         [this] { return through_database([this] { return look_at_secret_keys(); }); },
         false},
        {"backup",
         {"database", "fileserverd"},
         begin([this] { backups.start(); }),
         [this] { backups.stop(); },
         [this] { return backups.health(); },
         false},
    };
}

Installation::Installation(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Installation::~Installation() = default;

Result<std::unique_ptr<Installation>> Installation::open(const InstallationOptions& options) {
    if (options.settings.sandbox == "none" && ::geteuid() == 0) {
        return invalid(
            "--sandbox none makes jobs plain processes of Gyre's own user, and that is root now: start Gyre as an "
            "ordinary user that owns nothing else, or choose --sandbox host");
    }
    GYRE_TRY(check_service_names(options.settings.only, options.settings.except));
    GYRE_TRY_ASSIGN(DataDirectory data, DataDirectory::open(options.settings.data_dir));
    if (restore_is_unfinished(data.path()))
        return invalid("a restore into " + data.path() + " did not end: run it again, or empty the directory");
    if (!options.settings.objects.empty()) keep_keys_from_children();
    Stores stores{.data = std::move(data)};
    stores.open_files = raise_open_files();
    GYRE_TRY_ASSIGN(stores.socket, stores.data.socket_path());
    GYRE_TRY_ASSIGN(stores.launch_key, stores.data.key("launch.key"));
    GYRE_TRY_ASSIGN(stores.objects, stores.data.objects(options.settings.objects_dir));
    if (options.serve) stores.objects_used = use_objects(stores.objects);
    GYRE_TRY_ASSIGN(stores.signing_key, key_in(stores.objects + "/signing.key"));
    GYRE_TRY_ASSIGN(stores.records, open_records(options.settings, stores.data, client_of(options.settings)));
    GYRE_TRY_ASSIGN(stores.blobs, Objects::open(options.settings, stores.data.path(), stores.objects));
    if (options.serve) GYRE_TRY(settle_installation(*stores.records, *stores.blobs, stores.objects));
    GYRE_TRY_ASSIGN(stores.vault,
                    open_vault(options.settings, stores.data, stores.records->secret_store(),
                               options.settings.database.empty() ? nullptr : &stores.records->installation()));
    GYRE_TRY_ASSIGN(stores.outputs, fs::FileOutputStore::open(stores.objects));
    auto parts = std::make_unique<Parts>(options, std::move(stores));
    GYRE_TRY_ASSIGN(auto chosen, chosen_services(known_services(parts->list_services()), options.settings.only,
                                                 options.settings.except));
    parts->services = std::make_unique<Services>(std::move(chosen));
    return std::unique_ptr<Installation>(new Installation(std::move(parts)));
}

Result<void> Installation::start() { return parts_->services->start(); }
void Installation::stop() { parts_->services->stop(); }
std::string Installation::url() const { return parts_->base_url(); }
bool Installation::listens() const { return parts_->port != 0; }
std::string Installation::running() const { return parts_->services->names(); }
Result<bool> Installation::admit_administrator(const std::string& token, Admitted when,
                                               const std::function<Result<void>()>& show) {
    auto& tokens = parts_->stores.records->token_store();
    const Token made{.label = "made on the server", .login = "admin", .created_at = parts_->clock.now()};
    if (when == Admitted::as_first) return tokens.add_first(sha256_hex(token), made, show);
    GYRE_TRY(show());
    GYRE_TRY(tokens.add(sha256_hex(token), made));
    return true;
}
intake::PushPorts Installation::push_ports() { return parts_->push_ports(); }
ProjectStore& Installation::projects() { return parts_->stores.records->project_store(); }
FrontDoor& Installation::front_door() { return parts_->conductor; }
WorkflowStore& Installation::workflows() { return parts_->stores.records->workflow_store(); }
PipelineReads& Installation::reads() { return parts_->stores.records->pipeline_reads(); }
RunRecords& Installation::records() { return parts_->stores.records->run_records(); }
OutputStore& Installation::output() { return parts_->outputs; }
BlobStore& Installation::blobs() { return parts_->stores.blobs->blobs(); }
SshStore& Installation::ssh() { return parts_->stores.records->ssh_store(); }
Live& Installation::live() { return parts_->live; }

}  // namespace gyre::apps
