#pragma once

// The shape of the command line: every subcommand adds itself to the CLI11 app and stores what to do when it is chosen.
// Exit codes: 0 done; 1 the thing asked about failed (a job, a workflow, a check); 2 wrong usage or input; 3 not found;
// 4 not allowed; 5 the server, disk or network failed.

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

#include "apps/gyre/api_client.h"
#include "base/json.h"

namespace gyre::apps {

inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_not_allowed = 4;

int exit_code_of(const Error& error);

// Shared by all commands while the line is parsed.
struct Cli {
    AddressFlags address;
    bool as_json = false;         // print the server's JSON instead of text
    std::function<int()> chosen;  // what the line asks for

    // Registers `command` as what to do when `app` is chosen, and no subcommand of it; an Error is printed and becomes
    // the exit code.
    void on(CLI::App* app, std::function<Result<int>()> command);
    Result<ApiClient> client() const;
    // Prints the value when --json was given; true if it did.
    bool printed(const json::value& value) const;
};

// Adds --server, --token-file and --json to a command that speaks to a server.
void add_server_options(CLI::App* app, Cli& cli);

void add_server_command(CLI::App& app, Cli& cli);
void add_config_commands(CLI::App& app, Cli& cli);
void add_orb_commands(CLI::App& app, Cli& cli);
void add_login_command(CLI::App& app, Cli& cli);
void add_project_commands(CLI::App& app, Cli& cli);
void add_trigger_command(CLI::App& app, Cli& cli);
void add_list_commands(CLI::App& app, Cli& cli);       // pipelines, workflows, jobs, artifacts, tests, schedules
void add_manifest_commands(CLI::App& jobs, Cli& cli);  // jobs manifest, jobs diff
void add_usage_command(CLI::App& jobs, Cli& cli);      // jobs usage
void add_queue_commands(CLI::App& app, Cli& cli);      // queue, promote
void add_change_commands(CLI::App& app, Cli& cli);     // cancel, rerun, approve
void add_database_commands(CLI::App& app, Cli& cli);   // migrate, adopt-objects
void add_outputs_commands(CLI::App& app, Cli& cli);    // unseal
void add_ssh_commands(CLI::App& app, Cli& cli);        // ssh, key, audit
void add_logs_command(CLI::App& app, Cli& cli);
void add_env_commands(CLI::App& app, Cli& cli);
void add_checkout_key_commands(CLI::App& keys, Cli& cli);  // gyre keys checkout
void add_keys_commands(CLI::App& app, Cli& cli);           // keys: additional SSH keys of projects
void add_context_commands(CLI::App& app, Cli& cli);
void add_registry_commands(CLI::App& app, Cli& cli);
void add_secrets_commands(CLI::App& app, Cli& cli);
void add_run_command(CLI::App& app, Cli& cli);
void add_replay_command(CLI::App& app, Cli& cli);
void add_backup_commands(CLI::App& app, Cli& cli);  // backup, restore
void add_doctor_command(CLI::App& app, Cli& cli);

// For what has a number: from 0 or 1 on.
inline const CLI::Range from_zero(std::int64_t{0}, std::int64_t{1'000'000});
inline const CLI::Range from_one(std::int64_t{1}, std::int64_t{1'000'000});

// Adds --docker-socket for commands that run jobs here.
void add_engine_option(CLI::App* command, std::string& docker_socket);
void add_gpu_option(CLI::App* command, std::string& cdi_directories);

// Adds what names a key, where nothing names none.
void add_fingerprint_option(CLI::App* command, std::string& fingerprint);

// Reads a string member of an API object; empty when it is absent, null or of another type.
std::string text_of(const json::value& object, std::string_view key);
std::int64_t number_of(const json::value& object, std::string_view key);
// The `items` of a list answer, or the array itself.
json::array items_of(const json::value& answer);

}  // namespace gyre::apps
