#include <fmt/format.h>

#include <memory>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/parameter_texts.h"
#include "apps/gyre/watch.h"
#include "base/utf8.h"

namespace gyre::apps {
namespace {

struct TriggerOptions {
    std::string slug;
    std::string branch;
    std::string tag;
    std::string push_ref;
    std::string before;
    std::string after;
    std::string delivery;
    std::vector<std::string> parameters;  // "name=value"
    bool wait = false;
};

Result<json::value> announce_push(ApiClient& client, const TriggerOptions& options) {
    if (!options.push_ref.starts_with("refs/"))
        return invalid("--push names a whole ref, such as refs/heads/" + options.push_ref);
    json::object push{{"ref", escaped_utf8(options.push_ref)}, {"before", options.before}, {"after", options.after}};
    if (!options.delivery.empty()) push["delivery"] = options.delivery;
    auto told = client.post("/api/v2/gyre/project/" + http::url_encode(options.slug) + "/push", push);
    if (!told && told.error().fault == Fault::denied)
        return denied("the server does not take this hook's token: install the hook anew with `gyre project hook`");
    return told;
}

Result<json::value> ask(ApiClient& client, const TriggerOptions& options) {
    json::object wish;
    GYRE_TRY_ASSIGN(const auto texts, parameter_texts(options.parameters));
    if (!texts.empty()) wish["parameter_texts"] = to_json(texts);
    if (!options.branch.empty()) wish["branch"] = options.branch;
    if (!options.tag.empty()) wish["tag"] = options.tag;
    return client.post("/api/v2/project/" + http::url_encode(options.slug) + "/pipeline", wish);
}

Result<int> trigger(const Cli& cli, const TriggerOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto pipeline,
                    options.push_ref.empty() ? ask(client, options) : announce_push(client, options));
    const std::string id = text_of(pipeline, "id");
    if (id.empty()) {  // a deleted branch, or a ref that makes no pipelines
        cli.printed(pipeline);
        return 0;
    }
    if (!cli.printed(pipeline)) fmt::print("pipeline {} of {}: {}\n", number_of(pipeline, "number"), options.slug, id);
    if (!options.wait) return 0;
    return watch_pipeline(client, id, cli.as_json ? Watching::quietly : Watching::aloud);
}

}  // namespace

void add_trigger_command(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("trigger", "start a pipeline for the newest commit of a branch or tag");
    auto options = std::make_shared<TriggerOptions>();
    command->add_option("slug", options->slug, "the project, git/NAME")->required();
    command->add_option("--branch", options->branch, "default: the remote's default branch");
    command->add_option("--tag", options->tag, "a tag instead of a branch")->excludes("--branch");
    add_parameter_option(command, options->parameters);
    command->add_flag("--wait", options->wait, "wait for the workflows and exit with 1 if one failed");
    command->add_option("--push", options->push_ref, "announce that this ref moved (for hooks)")->group("Hooks");
    command->add_option("--before", options->before, "its old revision")->group("Hooks");
    command->add_option("--after", options->after, "its new revision")->group("Hooks");
    command->add_option("--delivery", options->delivery, "an id of this announcement; the same again changes nothing")
        ->group("Hooks");
    add_server_options(command, cli);
    command->footer(
        "Examples:  gyre trigger git/app --branch main --wait\n"
        "           gyre trigger git/app --parameter deploy=true --parameter target=staging");
    cli.on(command, [&cli, options] { return trigger(cli, *options); });
}

}  // namespace gyre::apps
