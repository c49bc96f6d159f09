#include "apps/gyre/settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>

#include "adapters/postgres/target.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/setting_forms.h"
#include "apps/gyre/settings_file.h"

namespace gyre::apps {
namespace {

// Reads a text into one setting; an Error's message says what is wanted.
using Reader = std::function<Result<void>(ServerSettings&, const std::string&)>;
using Printer = std::function<std::string(const ServerSettings&)>;

struct Setting {
    const char* name;  // in the file; "-" for "_" in flags, upper case with GYRE_ in the environment
    const char* help;
    Reader read;
    Printer print;
};

Setting text(const char* name, const char* help, std::string ServerSettings::*member) {
    return {name, help,
            [member](ServerSettings& settings, const std::string& value) -> Result<void> {
                settings.*member = value;
                return {};
            },
            [member](const ServerSettings& settings) { return settings.*member; }};
}

// Reads text that has a form; `parse` answers it as it is kept.
Setting formed(const char* name, const char* help, std::string ServerSettings::*member,
               std::function<Result<std::string>(const std::string&)> parse) {
    Setting setting = text(name, help, member);
    setting.read = [member, parse = std::move(parse)](ServerSettings& settings,
                                                      const std::string& value) -> Result<void> {
        GYRE_TRY_ASSIGN(settings.*member, parse(value));
        return {};
    };
    return setting;
}

Result<std::string> directory_form(const std::string& value) {
    if (value.empty()) return invalid("must name a directory");
    GYRE_TRY(check_path(value, false));
    return value;
}

Result<std::string> objects_form(const std::string& value) {
    GYRE_TRY(check_path(value, true));
    return value;
}

Result<std::string> database_form(const std::string& value) {
    if (!value.empty()) GYRE_TRY(postgres::check_form(value));
    return value;
}

Result<std::string> listen_form(const std::string& value) {
    GYRE_TRY(parse_listen(value));
    return value;
}

Result<std::string> ports_form(const std::string& value) {
    GYRE_TRY(parse_port_range(value));
    return value;
}

Result<std::string> address_form(const std::string& value) {
    GYRE_TRY(check_address(value));
    return value;
}

Result<std::string> name_form(const std::string& value) {
    GYRE_TRY(check_name(value));
    return value;
}

Result<std::string> file_form(const std::string& value) {
    GYRE_TRY(check_path(value, true));
    return value;
}

Result<std::string> engine_form(const std::string& value) {
    GYRE_TRY(check_engine(value));
    return value;
}

Result<std::string> gpus_form(const std::string& value) {
    GYRE_TRY(check_gpus(value));
    return value;
}

Setting choice(const char* name, const char* help, std::string ServerSettings::*member,
               std::vector<std::string> allowed) {
    Setting setting = text(name, help, member);
    setting.read = [member, allowed](ServerSettings& settings, const std::string& value) -> Result<void> {
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
            std::string list;
            for (const auto& word : allowed) list += (list.empty() ? "" : ", ") + word;
            return invalid("must be one of " + list + ", not '" + value + "'");
        }
        settings.*member = value;
        return {};
    };
    return setting;
}

template <typename Number>
Setting number(const char* name, const char* help, Number ServerSettings::*member, Number least, Number most) {
    return {name, help,
            [=](ServerSettings& settings, const std::string& value) -> Result<void> {
                Number parsed{};
                const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), parsed);
                if (failed != std::errc{} || end != value.data() + value.size() || parsed < least || parsed > most) {
                    return invalid("must be a whole number from " + std::to_string(least) + " to " +
                                   std::to_string(most) + ", not '" + value + "'");
                }
                settings.*member = parsed;
                return {};
            },
            [member](const ServerSettings& settings) { return std::to_string(settings.*member); }};
}

const std::vector<Setting>& table() {
    using S = ServerSettings;
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    constexpr std::int64_t terabyte = std::int64_t{1} << 40;
    static const std::vector<Setting> settings{
        formed("data_dir", "directory of the database, logs, caches and artifacts", &S::data_dir, directory_form),
        formed(
            "database",
            "PostgreSQL for records: postgres://user@host/name without a password, or the path of a file of mode 0600 "
            "that holds the URL; empty: SQLite in data_dir",
            &S::database, database_form),
        number("database_connections", "connections to PostgreSQL that one server makes at most",
               &S::database_connections, 2, 1000),
        text("only", "services that this process runs, with commas between them; empty: all (see /health-check)",
             &S::only),
        text("except", "services that this process does not run, with commas between them", &S::except),
        formed("objects_dir",
               "directory of logs, caches and artifacts, shared by all servers on one database; empty: data_dir",
               &S::objects_dir, objects_form),
        formed("objects", "s3://bucket/prefix for caches, workspaces and artifacts; empty: files in objects_dir",
               &S::objects, objects_place_form),
        text("objects_endpoint", "URL of the S3 server, https://host:port; empty: Amazon's of the region",
             &S::objects_endpoint),
        text("objects_region", "region of the bucket; empty: $AWS_REGION, else us-east-1", &S::objects_region),
        choice("objects_addressing", "where the bucket stands in URLs: path, host, or auto", &S::objects_addressing,
               {"auto", "path", "host"}),
        formed("objects_credentials",
               "file of mode 0600 with aws_access_key_id and aws_secret_access_key; empty: the environment, then the "
               "role of the machine",
               &S::objects_credentials, file_form),
        formed("objects_encryption",
               "how S3 encrypts what is written: AES256, aws:kms or aws:kms:<key>; empty: as the bucket says",
               &S::objects_encryption, encryption_form),
        formed("secrets_key_file",
               "file of mode 0600 with the keys that seal secrets, the same for all servers on one database; empty: "
               "secrets.key in data_dir",
               &S::secrets_key_file, file_form),
        formed("objects_ca", "PEM file of the authorities that sign the S3 server's certificate; empty: the system's",
               &S::objects_ca, file_form),
        formed("listen", "address and port of the web server; port 0 takes any free one", &S::listen, listen_form),
        formed("base_url", "URL under which people reach the server, for links; empty: http://<listen>", &S::base_url,
               parse_base_url),
        formed("client", "name of this machine as a place for jobs; empty: the host's name", &S::client, name_form),
        choice("sandbox",
               "where no container engine is, host: run jobs in a sandbox on this host's file system; none: as plain "
               "processes of this user with NO isolation, not for root; off: not at all",
               &S::sandbox, {"off", "host", "none"}),
        formed("docker_socket",
               "unix socket of Docker or Podman; empty: looked for; none: images are run without an engine",
               &S::docker_socket, engine_form),
        choice(
            "remote_docker",
            "whether setup_remote_docker gives a job a Docker engine of its own on this machine, host-daemon; whoever "
            "may run jobs is then root there; none: the step fails",
            &S::remote_docker, {"none", "host-daemon"}),
        number("cpus", "CPUs offered to jobs; 0: all of the machine", &S::cpus, 0, 4096),
        number("memory_mb", "memory offered to jobs in MB; 0: all of the machine", &S::memory_mb, std::int64_t{0},
               terabyte),
        formed(
            "gpus",
            "GPUs offered to jobs; auto: those that a CDI description names; elsewhere: none here, but another server "
            "on the same database has some",
            &S::gpus, gpus_form),
        text("cdi_directories", "where GPUs are described (Container Device Interface), with colons between",
             &S::cdi_directories),
        number("reserve_cpus", "CPUs kept for the server and the system", &S::reserve_cpus, 0, 4096),
        number("reserve_memory_mb", "memory in MB kept for the server and the system", &S::reserve_memory_mb,
               std::int64_t{0}, terabyte),
        number("poll_interval_ms", "how often remotes are asked for new commits, in ms; 0: never", &S::poll_interval_ms,
               std::int64_t{0}, day_ms),
        number("step_output_bytes", "output kept of one step, in bytes; of more, the head and the tail are kept",
               &S::step_output_bytes, std::int64_t{65536}, terabyte),
        number("job_timeout_ms", "longest time that a job may run, in ms", &S::job_timeout_ms, std::int64_t{1000},
               30 * day_ms),
        formed("ssh_ports", "ports of this machine at which people SSH into jobs, FIRST-LAST, or off", &S::ssh_ports,
               ports_form),
        formed("ssh_listen", "address at which they do; empty: the one of listen", &S::ssh_listen, address_form),
        formed("ssh_host", "host that they are told; empty: the one of base_url, or the machine's", &S::ssh_host,
               name_form),
        number("ssh_idle_minutes", "how long a job's place is kept for SSH while nobody is in it, in minutes",
               &S::ssh_idle_minutes, std::int64_t{1}, std::int64_t{24 * 60}),
        number("ssh_most_minutes", "how long it is kept at most, in minutes", &S::ssh_most_minutes, std::int64_t{1},
               std::int64_t{7 * 24 * 60}),
        number("warm_agents", "agents kept ready so that a job starts without delay", &S::warm_agents, 0, 64),
        choice("ready_containers",
               "whether an agent kept ready keeps a container ready, too, as most of the latest jobs wanted it",
               &S::ready_containers, {"yes", "no"}),
        number(
            "image_budget_mb",
            "what the images that jobs brought to a machine may take there, in MB, those used last stay; 0: any amount",
            &S::image_budget_mb, std::int64_t{0}, terabyte),
        number("job_disk_mb", "what a job's files may take of the disk, in MB; 0: any amount", &S::job_disk_mb,
               std::int64_t{0}, terabyte),
        number("disk_floor_mb",
               "with less than this left on the disk, in MB, a job ends that takes a tenth of the disk; 0: none does",
               &S::disk_floor_mb, std::int64_t{0}, terabyte),
        number("io_threads", "threads that serve HTTP", &S::io_threads, 1, 64),
        formed("backup_to", "directory for scheduled backups, on another disk than data_dir; empty: none are made",
               &S::backup_to, objects_form),
        number("backup_every_minutes", "time from one scheduled backup to the next, in minutes",
               &S::backup_every_minutes, std::int64_t{1}, std::int64_t{366 * 24 * 60}),
        number("backup_keep", "how many of the newest scheduled backups stay; 0: all", &S::backup_keep, 0, 1'000'000),
        choice("backup_verify", "whether each scheduled backup is restored into a scratch directory and examined",
               &S::backup_verify, {"yes", "no"}),
        number("cache_limit_mb", "what the caches of one project may take in MB, those used last stay; 0: any amount",
               &S::cache_limit_mb, std::int64_t{0}, terabyte),
        number("cache_total_mb", "what the caches of all projects may take in MB; 0: any amount", &S::cache_total_mb,
               std::int64_t{0}, terabyte),
        number("cache_least_free_mb", "with less than this left on the disk of objects, in MB, caches go",
               &S::cache_least_free_mb, std::int64_t{0}, terabyte),
        number("sweep_every_minutes",
               "how often caches beyond the limits and objects that nobody names are removed, in minutes; 0: never",
               &S::sweep_every_minutes, std::int64_t{0}, std::int64_t{366 * 24 * 60}),
        number("replay_days",
               "how long the caches and workspaces that a job used are kept for gyre replay, in days; 0: as long as "
               "the job",
               &S::replay_days, 0, 36'500),
        number("seal_every_seconds", "how often the output of ended jobs is compressed into objects, in s; 0: never",
               &S::seal_every_seconds, std::int64_t{0}, std::int64_t{24 * 3600}),
        choice("log_level", "debug, info, warn or error", &S::log_level, {"debug", "info", "warn", "error"}),
    };
    return settings;
}

std::string flag_name(std::string name) {
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

std::string environment_name(const std::string& name) {
    std::string upper = "GYRE_" + name;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper;
}

struct Found {
    std::string value;
    std::string origin;
};

// The value of highest precedence, or nothing.
std::optional<Found> find(const Setting& setting, const SettingsSources& sources,
                          const std::map<std::string, std::string>& file) {
    if (const auto flag = sources.flags.find(setting.name); flag != sources.flags.end()) {
        return Found{flag->second, "flag --" + flag_name(setting.name)};
    }
    const std::string variable = environment_name(setting.name);
    if (const char* value = std::getenv(variable.c_str())) return Found{value, "environment " + variable};
    if (const auto entry = file.find(setting.name); entry != file.end())
        return Found{entry->second, "file " + sources.file};
    return std::nullopt;
}

Result<void> check_file_keys(const std::map<std::string, std::string>& file, const std::string& path) {
    for (const auto& [key, value] : file) {
        const bool known =
            std::any_of(table().begin(), table().end(), [&](const Setting& setting) { return key == setting.name; });
        if (!known) return invalid(path + ": there is no setting '" + key + "'; `gyre config show` lists all of them");
    }
    return {};
}

}  // namespace

std::vector<SettingHelp> setting_helps() {
    std::vector<SettingHelp> helps;
    for (const auto& setting : table()) helps.push_back({setting.name, setting.help});
    return helps;
}

Result<LoadedSettings> load_settings(const SettingsSources& sources) {
    std::map<std::string, std::string> file;
    if (!sources.file.empty()) {
        GYRE_TRY_ASSIGN(file, read_settings_file(sources.file));
        GYRE_TRY(check_file_keys(file, sources.file));
    }
    LoadedSettings loaded;
    loaded.settings.data_dir = default_data_dir();
    for (const auto& setting : table()) {
        const auto found = find(setting, sources, file);
        if (found) {
            const auto read = setting.read(loaded.settings, found->value);
            if (!read) return read.error().during("setting " + std::string(setting.name) + " (" + found->origin + ")");
        }
        loaded.shown.push_back(
            {setting.name, setting.print(loaded.settings), found ? found->origin : "default", setting.help});
    }
    if (loaded.settings.data_dir.empty())
        return invalid("nobody knows where this user's files are: set HOME, or data_dir to the directory to use");
    return loaded;
}

std::string default_settings_file() {
    if (const char* named = std::getenv("GYRE_CONFIG")) return named;
    const std::string usual = "/etc/gyre/gyre.toml";
    return std::filesystem::exists(usual) ? usual : "";
}

std::string default_data_dir() {
    if (geteuid() == 0) return "/var/lib/gyre";
    if (const char* home = std::getenv("XDG_DATA_HOME"); home && *home) return std::string(home) + "/gyre";
    const char* home = std::getenv("HOME");
    return home && *home ? std::string(home) + "/.local/share/gyre" : "";
}

}  // namespace gyre::apps
