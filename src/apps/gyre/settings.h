#pragma once

// The server's settings, each in one table: name, what it is for, default, how it is read. One order of precedence:
//   command line flag (--listen)  >  environment (GYRE_LISTEN)  >  settings file (listen = "...")  >  default.
// A value of the wrong form is `invalid` and says where it came from.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre::apps {

struct ServerSettings {
    std::string data_dir;
    std::string database;  // a URL of PostgreSQL, or the path of a file that holds one; empty: SQLite in data_dir
    int database_connections = 10;
    std::string objects_dir;  // empty: data_dir
    std::string objects;      // s3://bucket/prefix; empty: files in objects_dir
    std::string objects_endpoint;
    std::string objects_region;
    std::string objects_addressing = "auto";
    std::string objects_credentials;  // a file; empty: the environment, then the instance metadata service
    std::string objects_encryption;
    std::string objects_ca;
    std::string only;    // services that this process runs; empty: all
    std::string except;  // services that it does not run
    std::string listen = "127.0.0.1:8080";
    std::string base_url;  // empty: made from `listen`
    std::string client;    // empty: the host's name
    std::string sandbox = "off";
    std::string docker_socket;
    std::string remote_docker = "none";
    int cpus = 0;                // 0: what the machine has
    std::int64_t memory_mb = 0;  // 0: what the machine has
    std::string gpus = "auto";   // or a number, or "elsewhere"
    std::string cdi_directories = "/etc/cdi:/var/run/cdi";
    int reserve_cpus = 0;
    std::int64_t reserve_memory_mb = 512;
    std::int64_t poll_interval_ms = 60'000;
    std::int64_t step_output_bytes = 64 << 20;
    std::int64_t job_timeout_ms = 5 * 3600 * 1000;
    std::string ssh_ports = "64535-65535";  // "off": nobody comes into jobs by SSH
    std::string ssh_listen;                 // empty: the address of `listen`
    std::string ssh_host;                   // empty: see ssh_settings.h
    std::int64_t ssh_idle_minutes = 10;
    std::int64_t ssh_most_minutes = 120;
    std::string secrets_key_file;  // empty: secrets.key in data_dir
    int warm_agents = 1;
    std::string ready_containers = "yes";
    std::int64_t image_budget_mb = 20'000;
    std::int64_t job_disk_mb = 0;
    std::int64_t disk_floor_mb = 1024;
    int io_threads = 2;
    std::string backup_to;  // empty: no scheduled backups
    std::int64_t backup_every_minutes = 24 * 60;
    int backup_keep = 14;
    std::string backup_verify = "yes";
    std::int64_t cache_limit_mb = 0;
    std::int64_t cache_total_mb = 0;
    std::int64_t cache_least_free_mb = 2048;
    std::int64_t sweep_every_minutes = 60;
    std::int64_t seal_every_seconds = 60;
    int replay_days = 30;  // 0: as long as the jobs are kept
    std::string log_level = "info";
};

struct SettingValue {
    std::string name;
    std::string value;
    std::string origin;  // "default", "file /etc/gyre/gyre.toml", "environment GYRE_LISTEN", "flag --listen"
    std::string help;
};

struct SettingsSources {
    std::string file;                          // path; empty: none
    std::map<std::string, std::string> flags;  // by setting name, as given on the command line
};

struct LoadedSettings {
    ServerSettings settings;
    std::vector<SettingValue> shown;  // every setting, in the table's order; for `gyre config show`
};

// Names and helps of all settings, to make flags of.
struct SettingHelp {
    std::string name;
    std::string help;
};
std::vector<SettingHelp> setting_helps();

Result<LoadedSettings> load_settings(const SettingsSources& sources);

// For whoever starts Gyre with --sandbox none.
inline constexpr const char* no_isolation =
    "NOTICE: NO ISOLATION (--sandbox none). Where no container engine answers, jobs are plain processes of this user: "
    "every job can read and change whatever this user can, the secrets of all projects included.";

// Where the settings file is looked for when --config is not given: $GYRE_CONFIG, /etc/gyre/gyre.toml; empty if absent.
std::string default_settings_file();
// $GYRE_DATA_DIR's default: /var/lib/gyre for root, else $XDG_DATA_HOME or ~/.local/share, plus /gyre;
// empty: there is no HOME.
std::string default_data_dir();

}  // namespace gyre::apps
