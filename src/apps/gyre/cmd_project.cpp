#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/hook.h"
#include "apps/gyre/settings_file.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

struct ProjectOptions {
    std::string slug;
    std::string remote;
    std::string repository;
    std::string auto_cancel;    // on or off
    std::string forks_secrets;  // the same; either may be empty: as it is
    bool no_poll = false;
    bool with_key = false;  // make a checkout key, and do not ask the remote yet
    bool revoke = false;
};

// A path of this machine is meant as seen from here.
std::string absolute_remote(const std::string& remote) {
    const bool is_path = remote.find("://") == std::string::npos && remote.find(':') == std::string::npos;
    return is_path ? std::filesystem::weakly_canonical(std::filesystem::absolute(remote)).string() : remote;
}

// "-": from standard input, so that a password in it stands in no argument.
Result<std::string> named_remote(const std::string& given) {
    if (given != "-") return absolute_remote(given);
    std::string line;
    std::getline(std::cin, line);
    if (line.empty()) return invalid("no remote came on standard input");
    return absolute_remote(line);
}

// What there is to do before a remote that lets nobody in can be read.
void tell_of_key(const std::string& refusal, const json::value& key, const ProjectOptions& options) {
    if (!refusal.empty()) fmt::print("its remote lets nobody in yet: {}\n", refusal);
    fmt::print(
        "next: let this key read the repository (at the forge: its deploy keys, without write access)\n\n{}\n\n"
        "      gyre project refresh {}      read the remote then; its default branch and its pushes are known from "
        "there on\n"
        "      gyre keys checkout list {}   show the key again\n",
        text_of(key, "public-key"), options.slug, options.slug);
}

// The same where the server could make none.
void tell_of_key_trouble(const std::string& trouble, const std::string& refusal, const ProjectOptions& options) {
    if (!refusal.empty()) fmt::print("its remote lets nobody in yet: {}\n", refusal);
    fmt::print(stderr, "gyre: no checkout key could be made: {}\n", trouble);
    fmt::print("next, when that is mended: gyre keys checkout add {}\n", options.slug);
}

Result<int> add(const Cli& cli, const ProjectOptions& options) {
    GYRE_TRY_ASSIGN(const std::string remote, named_remote(options.remote));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    json::object wish{{"slug", options.slug}, {"remote", remote}, {"poll", !options.no_poll}};
    if (options.with_key) wish["checkout_key"] = true;
    GYRE_TRY_ASSIGN(const auto project, client.post("/api/v2/projects", wish));
    if (cli.printed(project)) return 0;
    fmt::print("added {}\n", text_of(project, "slug"));
    if (const auto* key = project.as_object().if_contains("checkout_key")) {
        tell_of_key(text_of(project, "refusal"), *key, options);
        return 0;
    }
    if (const auto trouble = text_of(project, "key_trouble"); !trouble.empty()) {
        tell_of_key_trouble(trouble, text_of(project, "refusal"), options);
        return 0;
    }
    fmt::print("next: gyre trigger {}      run its newest commit\n", options.slug);
    fmt::print("      gyre project hook {} REPOSITORY.git   run every push at once\n", options.slug);
    if (options.no_poll) {
        fmt::print(
            "note: nobody polls this remote. A push starts a pipeline only when a hook tells of it; one whose\n"
            "      announcement failed is found at the next announced push, or when the server starts.\n");
    }
    return 0;
}

Result<int> refresh(const Cli& cli, const ProjectOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string target = "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/look";
    GYRE_TRY_ASSIGN(const auto project, client.post(target, json::object{}));
    if (!cli.printed(project))
        fmt::print("read the remote of {}; its default branch is {}\n", options.slug,
                   text_of(project, "default_branch"));
    return 0;
}

Result<int> list(const Cli& cli) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/projects"));
    if (cli.printed(answer)) return 0;
    const auto projects = items_of(answer);
    if (projects.empty()) {
        fmt::print("no projects yet; add one: gyre project add git/NAME /path/to/repository.git\n");
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"PROJECT", "REMOTE", "DEFAULT BRANCH"}};
    for (const auto& project : projects) {
        rows.push_back({text_of(project, "slug"), text_of(project, "remote"), text_of(project, "default_branch")});
    }
    print_table(rows);
    return 0;
}

Result<int> set(const Cli& cli, const ProjectOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    json::object advanced;
    if (!options.auto_cancel.empty()) advanced["autocancel_builds"] = options.auto_cancel == "on";
    if (!options.forks_secrets.empty()) advanced["forks_receive_secret_env_vars"] = options.forks_secrets == "on";
    if (advanced.empty()) return invalid("say what to set: --auto-cancel or --forks-get-secrets");
    GYRE_TRY_ASSIGN(const auto answer, client.patch("/api/v2/project/" + http::url_encode(options.slug) + "/settings",
                                                    json::object{{"advanced", advanced}}));
    if (cli.printed(answer)) return 0;
    if (options.auto_cancel == "on")
        fmt::print(
            "a newer pipeline of a branch of {} now cancels what still runs of older ones; not on the default branch\n",
            options.slug);
    if (options.auto_cancel == "off") fmt::print("pipelines of {} no longer cancel older ones\n", options.slug);
    if (options.forks_secrets == "on")
        fmt::print(
            "jobs of forks of {} now have its variables and contexts: whoever opens a pull request can read them\n",
            options.slug);
    if (options.forks_secrets == "off") fmt::print("jobs of forks of {} have no secrets\n", options.slug);
    return 0;
}

Result<int> hook(const Cli& cli, const ProjectOptions& options) {
    GYRE_TRY_ASSIGN(ServerAddress address, find_server(cli.address));
    GYRE_TRY_ASSIGN(auto client, ApiClient::to(address));
    const std::string target = "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/hook-token";
    if (options.revoke) {
        GYRE_TRY_ASSIGN(const auto ended, client.remove(target));
        if (!cli.printed(ended)) fmt::print("the hook of {} can announce no pushes any more\n", options.slug);
        return 0;
    }
    if (options.repository.empty()) return invalid("name the bare repository, or --revoke");
    GYRE_TRY(check_hook_place(options.repository, options.slug));
    const auto made = client.post(target, json::object{});
    if (!made && made.error().fault == Fault::not_found)
        return not_found("there is no project " + options.slug + "; `gyre project list` shows them");
    if (!made) return made.error();
    address.token = text_of(*made, "token");
    GYRE_TRY_ASSIGN(const std::string script, install_hook(options.repository, options.slug, address));
    fmt::print("installed {}\nevery push to {} now starts a pipeline of {}\n", script, options.repository,
               options.slug);
    return 0;
}

struct LoginOptions {
    std::string server = "http://127.0.0.1:8080";
};

Result<int> login(const LoginOptions& options) {
    GYRE_TRY_ASSIGN(const std::string file, cli_settings_file());
    if (isatty(STDIN_FILENO) == 1) fmt::print(stderr, "API token (the server printed one at its first start): ");
    std::string token;
    std::getline(std::cin, token);
    if (token.empty()) return invalid("no token came on standard input");
    const ServerAddress address{options.server, token};
    GYRE_TRY_ASSIGN(auto client, ApiClient::to(address));
    GYRE_TRY_ASSIGN(const auto me, client.get("/api/v2/me"));
    GYRE_TRY(write_settings_file(file, {{"server", options.server}, {"token", token}}));
    fmt::print("signed in to {} as {}; stored in {}\n", options.server, text_of(me, "login"), file);
    return 0;
}

}  // namespace

void add_project_commands(CLI::App& app, Cli& cli) {
    auto* project = app.add_subcommand("project", "add and list projects; make a repository's pushes start pipelines");
    project->require_subcommand(1);
    auto options = std::make_shared<ProjectOptions>();

    auto* adding = project->add_subcommand("add", "add a project on a plain git remote");
    adding->add_option("slug", options->slug, "git/NAME")->required();
    adding
        ->add_option("remote", options->remote, "URL, or path on the server's machine; -: read it from standard input")
        ->required();
    adding->add_flag("--no-poll", options->no_poll, "do not ask the remote for new commits; a hook tells of them");
    add_server_options(adding, cli);
    adding->add_flag("--checkout-key", options->with_key,
                     "make a key for this remote over ssh and do not ask it yet; so it is done by itself where the"
                     " remote lets nobody in");
    adding->footer(
        "Examples:  gyre project add git/app /srv/git/app.git\n"
        "           gyre project add gh/acme/shop git@github.com:acme/shop.git --checkout-key");
    cli.on(adding, [&cli, options] { return add(cli, *options); });

    auto* listing = project->add_subcommand("list", "list the projects");
    add_server_options(listing, cli);
    cli.on(listing, [&cli] { return list(cli); });

    auto* refreshing = project->add_subcommand("refresh", "ask a project's remote now, without waiting for a poll");
    refreshing->add_option("slug", options->slug, "git/NAME")->required();
    add_server_options(refreshing, cli);
    refreshing->footer("Example:  gyre project refresh git/app");
    cli.on(refreshing, [&cli, options] { return refresh(cli, *options); });

    auto* setting = project->add_subcommand("set", "change a project's settings");
    setting->add_option("slug", options->slug, "git/NAME")->required();
    setting
        ->add_option("--auto-cancel", options->auto_cancel,
                     "on: a newer pipeline of a branch, but not of the default one, cancels what still runs of older "
                     "ones; schedules, tags and reruns are spared")
        ->check(CLI::IsMember({"on", "off"}));
    setting
        ->add_option("--forks-get-secrets", options->forks_secrets,
                     "on: jobs of a fork's commits are given the project's variables and contexts, too")
        ->check(CLI::IsMember({"on", "off"}));
    add_server_options(setting, cli);
    setting->footer("Example:  gyre project set git/app --auto-cancel on");
    cli.on(setting, [&cli, options] { return set(cli, *options); });

    auto* hooking =
        project->add_subcommand("hook", "install a post-receive hook into a bare repository of this machine");
    hooking->add_option("slug", options->slug, "git/NAME")->required();
    hooking->add_option("repository", options->repository, "path of the bare repository");
    hooking->add_flag("--revoke", options->revoke, "end the token of the project's hook instead; nothing is installed");
    add_server_options(hooking, cli);
    hooking->footer(
        "The hook gets a token that can announce this project's pushes and nothing else; installing it again\n"
        "makes a new one and ends the one before.\n"
        "Example:  gyre project hook git/app /srv/git/app.git");
    cli.on(hooking, [&cli, options] { return hook(cli, *options); });
}

void add_login_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("login", "store a server's address and an API token (read from standard input)");
    auto options = std::make_shared<LoginOptions>();
    command->add_option("--server", options->server, "URL of the server")->capture_default_str();
    command->footer("Example:  gyre login --server https://ci.example.org < token.txt");
    cli.on(command, [options] { return login(*options); });
}

}  // namespace gyre::apps
