#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"
#include "apps/gyre/text_file.h"
#include "base/argv.h"

// SSH into jobs, and the keys for it.

namespace gyre::apps {
namespace {

constexpr std::size_t most_of_a_key = 16 << 10;
constexpr int patience_s = 30;  // until the agent has opened the door

struct SshOptions {
    std::string slug;
    std::int64_t number = 0;
    std::int64_t task = 0;
    std::string keep;
    bool print = false;
    std::vector<std::string> command;
    std::string key;  // a file, or a fingerprint
    std::int64_t limit = 50;
};

std::string target_of(const SshOptions& options) {
    return "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/job/" + std::to_string(options.number) + "/ssh";
}

json::array places_of(const json::value& answer) {
    const auto* places = answer.is_object() ? answer.get_object().if_contains("places") : nullptr;
    return places && places->is_array() ? places->get_array() : json::array{};
}

// The task's place, once its agent has opened it.
Result<json::value> wait_for_place(ApiClient& client, const SshOptions& options, const json::value& asked) {
    json::value answer = asked;
    for (int waited = 0;; ++waited) {
        for (const auto& place : places_of(answer)) {
            if (number_of(place, "task") == options.task) return place;
        }
        const std::string status = text_of(answer, "status");
        if (status != "running")
            return unavailable(fmt::format("the job is {}: your keys are let in when it runs; ask again then", status));
        if (waited >= patience_s)
            return unavailable("the job's agent has not opened SSH: see the job's log, step 'Enable SSH'");
        ::poll(nullptr, 0, 1000);
        GYRE_TRY_ASSIGN(answer, client.get(target_of(options)));
    }
}

Result<int> become_ssh(const SshOptions& options, const json::value& place) {
    // Whatever an agent calls its host, ssh takes it for no option.
    std::vector<std::string> words{"ssh", "-p", std::to_string(number_of(place, "port")), "--", text_of(place, "host")};
    words.insert(words.end(), options.command.begin(), options.command.end());
    fmt::print(stderr, "{}   (host key {})\n", text_of(place, "command"), text_of(place, "host_key_fingerprint"));
    std::fflush(nullptr);
    ::execvp("ssh", argv_of(words).data());
    return unavailable(std::string("ssh cannot be started: ") + std::strerror(errno) +
                       "; install openssh-client, or give --print and use another");
}

Result<int> ssh(const Cli& cli, const SshOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto keys, client.get("/api/v2/gyre/ssh-keys"));
    if (items_of(keys).empty())
        return invalid("you have no key here: 'gyre key add ~/.ssh/id_ed25519.pub', then ask again");
    json::object body;
    if (!options.keep.empty()) body["keep"] = options.keep;
    GYRE_TRY_ASSIGN(const auto asked, client.post(target_of(options), body));
    GYRE_TRY_ASSIGN(const auto place, wait_for_place(client, options, asked));
    if (cli.printed(place)) return 0;
    if (!options.print) return become_ssh(options, place);
    fmt::print("{}\n", text_of(place, "command"));
    fmt::print(stderr, "host key {}\n", text_of(place, "host_key_fingerprint"));
    return 0;
}

Result<int> list_keys(const Cli& cli, const SshOptions&) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/gyre/ssh-keys"));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"FINGERPRINT", "TYPE", "ADDED", "COMMENT"}};
    for (const auto& key : items_of(answer))
        rows.push_back(
            {text_of(key, "fingerprint"), text_of(key, "type"), text_of(key, "added_at"), text_of(key, "comment")});
    if (rows.size() == 1) {
        fmt::print("you have no keys; 'gyre key add FILE.pub' adds one\n");
    } else {
        print_table(rows);
    }
    return 0;
}

Result<int> add_key(const Cli& cli, const SshOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_text_file(options.key, most_of_a_key));
    if (text.find("PRIVATE KEY") != std::string::npos)
        return invalid(options.key + " is a private key, which goes nowhere: give " + options.key + ".pub");
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.post("/api/v2/gyre/ssh-keys", json::object{{"public_key", text}}));
    if (!cli.printed(answer)) fmt::print("added {}\n", text_of(answer, "fingerprint"));
    return 0;
}

Result<int> remove_key(const Cli& cli, const SshOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.remove("/api/v2/gyre/ssh-keys?fingerprint=" + http::url_encode(options.key)));
    if (!cli.printed(answer)) fmt::print("removed {}\n", options.key);
    return 0;
}

Result<int> audit(const Cli& cli, const SshOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/gyre/audit-events?limit=" + std::to_string(options.limit)));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"WHEN", "WHO", "WHAT", "TO WHAT", "MORE"}};
    for (const auto& event : items_of(answer)) {
        const auto& object = event.get_object();
        const auto* payload = object.if_contains("payload");
        rows.push_back({text_of(event, "occurred_at"), text_of(event, "actor"), text_of(event, "action"),
                        text_of(event, "target"), payload ? json::serialize(*payload) : ""});
    }
    print_table(rows);
    return 0;
}

void add_key_commands(CLI::App& app, Cli& cli, const std::shared_ptr<SshOptions>& options) {
    auto* keys = app.add_subcommand("key", "your public keys for SSH into jobs");
    keys->require_subcommand(1);
    auto* listing = keys->add_subcommand("list", "show them");
    auto* adding = keys->add_subcommand("add", "add one");
    adding->add_option("file", options->key, "the key's .pub file, such as ~/.ssh/id_ed25519.pub")->required();
    auto* removing = keys->add_subcommand("remove", "remove one; what it opened closes within seconds");
    removing->add_option("fingerprint", options->key, "SHA256:...; `gyre key list` shows them")->required();
    for (auto* command : {listing, adding, removing}) add_server_options(command, cli);
    cli.on(listing, [&cli, options] { return list_keys(cli, *options); });
    cli.on(adding, [&cli, options] { return add_key(cli, *options); });
    cli.on(removing, [&cli, options] { return remove_key(cli, *options); });
}

}  // namespace

void add_ssh_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<SshOptions>();
    auto* entering = app.add_subcommand("ssh", "SSH into a running job");
    entering->add_option("project", options->slug, "slug of the project, git/NAME")->required();
    entering->add_option("number", options->number, "build number of the job (`gyre jobs` shows it)")->required();
    entering->add_option("--task", options->task, "which of a parallel job's tasks")->capture_default_str();
    entering->add_option("--keep", options->keep, "keep the job's place for you when its steps have ended")
        ->check(CLI::IsMember({"always", "on_failure", "no"}));
    entering->add_flag("--print", options->print, "print the command instead of starting ssh");
    entering->add_option("command", options->command, "what to run there; nothing: a shell");
    entering->footer("Examples:  gyre ssh git/shop 7 --keep on_failure     gyre ssh git/shop 7 -- ps aux");
    add_server_options(entering, cli);
    cli.on(entering, [&cli, options] { return ssh(cli, *options); });
    add_key_commands(app, cli, options);

    auto* auditing = app.add_subcommand("audit", "who did what: logins by SSH, keys added and removed");
    auditing->add_option("--limit", options->limit, "so many of the newest")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add_server_options(auditing, cli);
    cli.on(auditing, [&cli, options] { return audit(cli, *options); });
}

}  // namespace gyre::apps
