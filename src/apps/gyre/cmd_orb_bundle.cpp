#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "apps/gyre/cmd_orb.h"
#include "apps/gyre/orb_bundle.h"
#include "apps/gyre/server_orbs.h"
#include "config/check_orb.h"
#include "model/orb.h"
#include "model/orb_reference.h"

namespace gyre::apps {
namespace {

struct BundleOptions {
    std::string path;
    std::string output = "-";
    std::vector<std::string> orbs;
    bool dry_run = false;
};

std::string text_of(const BundledOrb& orb) { return orb.name + "@" + orb.version; }

// What happened to each release of a bundle, in its order.
struct Imported {
    std::string outcome;  // as the server says; empty: it was refused
    std::string error;
};

Result<std::vector<BundledOrb>> read_orbs(const std::string& path) {
    std::error_code failed;
    return std::filesystem::is_directory(path, failed) ? read_orb_directory(path) : read_bundle(path);
}

void print_progress(const Cli& cli, std::size_t done, std::size_t all, const BundledOrb& orb, const Imported& result) {
    if (cli.as_json || result.outcome.empty()) return;
    fmt::print("[{}/{}] {} {}\n", done, all, text_of(orb), result.outcome);
    std::fflush(stdout);
}

// One go through those that are not there yet. Answers how many came in. An error ends the import.
Result<std::size_t> import_pass(const Cli& cli, ApiClient& client, const std::vector<BundledOrb>& orbs,
                                std::vector<Imported>& results, std::size_t done) {
    std::size_t came = 0;
    for (std::size_t i = 0; i < orbs.size(); ++i) {
        if (!results[i].outcome.empty()) continue;
        const json::object body{{"version", orbs[i].version}, {"source", orbs[i].source}};
        const auto answer = client.post(orb_address(orbs[i].name), body);
        if (!answer && (answer.error().fault == Fault::denied || answer.error().fault == Fault::unavailable))
            return answer.error().during(text_of(orbs[i]));
        results[i].error = answer ? "" : answer.error().message;
        if (!answer) continue;
        results[i].outcome = apps::text_of(*answer, "outcome");
        print_progress(cli, done + ++came, orbs.size(), orbs[i], results[i]);
    }
    return came;
}

int print_import(const Cli& cli, const std::vector<BundledOrb>& orbs, const std::vector<Imported>& results) {
    std::size_t refused = 0;
    json::array items;
    for (std::size_t i = 0; i < orbs.size(); ++i) {
        const Imported& one = results[i];
        items.push_back(json::object{{"orb", orbs[i].name},
                                     {"version", orbs[i].version},
                                     {"outcome", one.outcome.empty() ? "refused" : one.outcome},
                                     {"message", one.error}});
        if (!one.outcome.empty()) continue;
        ++refused;
        fmt::print(stderr, "{} is refused: {}\n", text_of(orbs[i]), one.error);
    }
    if (!cli.printed(json::object{{"items", std::move(items)}})) {
        fmt::print("{} of {} orbs are on the server now\n", orbs.size() - refused, orbs.size());
    }
    return refused == 0 ? 0 : exit_failed;
}

// Orbs that others import have to be there first: what is refused is tried again as long as others come in.
Result<int> import(const Cli& cli, const BundleOptions& options) {
    GYRE_TRY_ASSIGN(const auto orbs, read_orbs(options.path));
    if (orbs.empty()) return invalid(options.path + " holds no orbs");
    std::vector<Imported> results(orbs.size());
    if (options.dry_run) {
        json::array items;
        for (const BundledOrb& orb : orbs) items.push_back(json::object{{"orb", orb.name}, {"version", orb.version}});
        if (cli.printed(json::object{{"items", std::move(items)}})) return 0;
        for (const BundledOrb& orb : orbs) fmt::print("{}\n", text_of(orb));
        return 0;
    }
    GYRE_TRY_ASSIGN(auto client, cli.client());
    std::size_t done = 0;
    for (;;) {
        GYRE_TRY_ASSIGN(const std::size_t came, import_pass(cli, client, orbs, results, done));
        done += came;
        if (came == 0 || done == orbs.size()) break;
    }
    return print_import(cli, orbs, results);
}

// A file that is there in whole, or not at all.
Result<void> write_bundle(const std::string& path, const std::vector<BundledOrb>& orbs) {
    std::string text = bundle_head(orbs.size());
    for (const BundledOrb& orb : orbs) text += bundle_line(orb);
    if (text.size() > most_bundle_bytes || orbs.size() > most_bundled_orbs)
        return too_large("that is too much for one bundle: name some orbs, and make several");
    if (path == "-") {
        fmt::print("{}", text);
        return {};
    }
    const std::string part = path + ".part-" + std::to_string(getpid());
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    std::error_code failed;
    if (file) std::filesystem::rename(part, path, failed);
    if (file && !failed) return {};
    std::filesystem::remove(part, failed);
    return unavailable(path + " cannot be written");
}

Result<int> written(const Cli& cli, const BundleOptions& options, const std::vector<BundledOrb>& orbs) {
    GYRE_TRY(write_bundle(options.output, orbs));
    if (options.output == "-") return 0;
    if (cli.printed(json::object{{"file", options.output}, {"orbs", orbs.size()}})) return 0;
    fmt::print("wrote {} orbs to {}\nnext: gyre orb import {}   where the other server is\n", orbs.size(),
               options.output, options.output);
    return 0;
}

// The releases that were asked for, and those that they import: each once.
class Collection {
public:
    explicit Collection(std::shared_ptr<ApiClient> client) : client_(std::move(client)) {}

    Result<void> add(const std::string& name, const std::string& version) {
        const auto found = client_->get(orb_address(name) + "/source?version=" + http::url_encode(version));
        if (!found) return with_suggestion(*client_, name, found.error());
        put(name, apps::text_of(*found, "version"), apps::text_of(*found, "source"));
        if (*trouble_) return **trouble_;
        return {};
    }
    Result<void> add_all(const std::string& name) {
        const auto orb = client_->get(orb_address(name));
        if (!orb) return with_suggestion(*client_, name, orb.error());
        const auto* versions = orb->is_object() ? orb->get_object().if_contains("versions") : nullptr;
        for (const auto& one : versions && versions->is_array() ? versions->get_array() : json::array{})
            GYRE_TRY(add(name, apps::text_of(one, "version")));
        return {};
    }
    std::vector<BundledOrb> take() { return std::move(orbs_); }

private:
    void put(const std::string& name, const std::string& version, const std::string& source) {
        if (!seen_.insert({name, version}).second) return;
        const auto server = orbs_of_server(client_, trouble_);
        config::check_orb(source, {.orbs = [&](const config::OrbReference& reference) {
                              auto answer = server(reference);
                              if (const auto* text = std::get_if<config::OrbText>(&answer))
                                  put(reference.name, text->version, text->text);
                              return answer;
                          }});
        orbs_.push_back({name, version, source});  // what is imported comes before what imports it
    }

    std::shared_ptr<ApiClient> client_;
    OrbTrouble trouble_ = std::make_shared<std::optional<Error>>();  // a bundle that lacks orbs is none
    std::set<std::pair<std::string, std::string>> seen_;
    std::vector<BundledOrb> orbs_;
};

Result<int> export_orbs(const Cli& cli, const BundleOptions& options) {
    GYRE_TRY_ASSIGN(ApiClient client, cli.client());
    const auto shared = std::make_shared<ApiClient>(std::move(client));
    Collection collection(shared);
    if (options.orbs.empty()) {
        GYRE_TRY_ASSIGN(const json::array all, list_all_orbs(*shared, ""));
        for (const auto& orb : all) GYRE_TRY(collection.add_all(apps::text_of(orb, "name")));
    }
    for (const std::string& text : options.orbs) {
        if (text.find('@') == std::string::npos) {
            GYRE_TRY(check_orb_name(text));
            GYRE_TRY(collection.add_all(text));
            continue;
        }
        GYRE_TRY_ASSIGN(const OrbReference wanted, parse_orb_reference(text));
        GYRE_TRY(collection.add(wanted.name, wanted.version));
    }
    const auto orbs = collection.take();
    if (orbs.empty()) return not_found("the server has no orbs");
    return written(cli, options, orbs);
}

Result<int> bundle(const Cli& cli, const BundleOptions& options) {
    GYRE_TRY_ASSIGN(const auto orbs, read_orb_directory(options.path));
    if (orbs.empty()) return invalid(options.path + " holds no orbs; they are DIR/namespace/name/VERSION.yml");
    return written(cli, options, orbs);
}

}  // namespace

void add_orb_bundle_commands(CLI::App& orb, Cli& cli) {
    auto options = std::make_shared<BundleOptions>();
    auto* importing = orb.add_subcommand("import", "publish all orbs of a bundle or a directory on the server");
    importing
        ->add_option("path", options->path,
                     "a bundle, - for one from standard input, or a directory with namespace/name/VERSION.yml in it")
        ->required();
    importing->add_flag("--dry-run", options->dry_run, "check the file, and print what is in it");
    importing->footer(
        "What is on the server already stays as it is. Exit code 1: some were refused, the others are there.\n"
        "Example:  gyre orb import orbs.bundle");
    add_server_options(importing, cli);
    cli.on(importing, [&cli, options] { return import(cli, *options); });

    auto* exporting =
        orb.add_subcommand("export", "write the server's orbs into a bundle: one file to carry elsewhere");
    exporting->add_option("orbs", options->orbs, "namespace/name or namespace/name@version, with what they import");
    exporting->add_option("-o,--output", options->output, "the bundle; - is standard output")->capture_default_str();
    exporting->footer(
        "Example:  gyre orb export -o orbs.bundle                     all of them\n"
        "          gyre orb export acme/tools@1 -o orbs.bundle");
    add_server_options(exporting, cli);
    cli.on(exporting, [&cli, options] { return export_orbs(cli, *options); });

    auto* bundling = orb.add_subcommand("bundle", "make a bundle of a directory with orbs; no server needed");
    bundling->add_option("directory", options->path, "as for --orb-dir: DIR/namespace/name/VERSION.yml")->required();
    bundling->add_option("-o,--output", options->output, "the bundle; - is standard output")->capture_default_str();
    bundling->add_flag("--json", cli.as_json, "print JSON for programs");
    bundling->footer("Example:  gyre orb bundle orbs/ -o orbs.bundle");
    cli.on(bundling, [&cli, options] { return bundle(cli, *options); });
}

}  // namespace gyre::apps
