#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/gyre/backup_make.h"
#include "apps/gyre/cli.h"
#include "apps/gyre/progress_line.h"
#include "apps/gyre/restore.h"
#include "apps/gyre/server_flags.h"
#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

constexpr std::size_t most_named = 20;

struct BackupFlags {
    ServerFlags settings;
    std::string directory;
    std::string snapshot;
    int keep = 0;
    bool whole = false;
};

json::array texts(const std::vector<std::string>& from) { return json::array(from.begin(), from.end()); }

json::object facts_of(const backup::Snapshot& snapshot) {
    const auto& manifest = snapshot.manifest;
    return {{"id", snapshot.id},
            {"made_at", to_iso(manifest.made_at)},
            {"gyre", manifest.gyre},
            {"schema", manifest.schema},
            {"database", manifest.database},
            {"installation", manifest.installation},
            {"rows", manifest.rows()},
            {"blobs", manifest.blobs.lines},
            {"blob_bytes", manifest.blob_bytes},
            {"outputs", manifest.outputs.lines},
            {"output_bytes", manifest.output_bytes},
            {"lacking", manifest.lacking},
            {"lacking_blobs", texts(manifest.lacking_blobs)}};
}

void print_contents(const backup::Manifest& manifest) {
    fmt::print("  {} rows; {} objects, {}; output of {} steps, {}\n", manifest.rows(), manifest.blobs.lines,
               human_bytes(manifest.blob_bytes), manifest.outputs.lines, human_bytes(manifest.output_bytes));
}

// Of a backup that is whole, and not of all that the installation should have had.
void print_lacking(const backup::Snapshot& snapshot) {
    const auto& manifest = snapshot.manifest;
    if (manifest.lacking == 0) return;
    fmt::print(stderr,
               "gyre: backup {} is incomplete: when it was made the installation lacked {} objects that its"
               " records name\n",
               snapshot.id, manifest.lacking);
    const auto named = std::min(manifest.lacking_blobs.size(), most_named);
    for (std::size_t at = 0; at < named; ++at) fmt::print(stderr, "  {}\n", manifest.lacking_blobs[at]);
    const auto more = manifest.lacking - static_cast<std::int64_t>(named);
    if (named == 0) {
        fmt::print(stderr, "  the version that made it did not write down which\n");
    } else if (more > 0) {
        fmt::print(stderr, "  and {} more; --json names the first {}\n", more, manifest.lacking_blobs.size());
    }
}

std::int64_t secrets_of(const backup::Manifest& manifest) {
    const auto table = std::ranges::find(manifest.tables, "secrets", &backup::TableRows::name);
    return table == manifest.tables.end() ? 0 : table->rows.lines;
}

// What is wrong with the backup is not the machine's fault: as for any that is not good.
Result<int> said_of_backup(Result<int> done) {
    if (done || done.error().fault != Fault::corrupt) return done;
    fmt::print(stderr, "gyre: {}\n", terminal_text(done.error().message));
    return exit_failed;
}

json::object pruned_facts(const backup::Pruned& pruned) {
    return {{"snapshots", texts(pruned.snapshots)}, {"objects", pruned.swept.objects}, {"bytes", pruned.swept.bytes}};
}

Result<int> create(const Cli& cli, const BackupFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.settings)));
    auto line = std::make_unique<ProgressLine>();
    auto result = make_backup(loaded.settings, flags.directory, flags.keep, line->watch(),
                              flags.whole ? backup::Trust::content : backup::Trust::size);
    line.reset();
    GYRE_TRY_ASSIGN(const MadeBackup made, std::move(result));
    json::object facts = facts_of(made.snapshot);
    facts["took_ms"] = made.took.count();
    if (made.pruned) facts["removed"] = pruned_facts(*made.pruned);
    facts["mended"] = texts(made.mended);
    for (const auto& sentence : made.mended) fmt::print(stderr, "gyre: {}; it was written anew\n", sentence);
    for (const auto& sentence : made.lacking) fmt::print(stderr, "gyre: not in the backup: {}\n", sentence);
    const int code = made.snapshot.manifest.lacking > 0 ? exit_failed : 0;
    if (cli.printed(facts)) return code;
    fmt::print("backup {} made in {}\n", made.snapshot.id, human_duration(made.took.count()));
    print_contents(made.snapshot.manifest);
    if (made.pruned && !made.pruned->snapshots.empty())
        fmt::print("  removed: {} old backups, {} objects, {}\n", made.pruned->snapshots.size(),
                   made.pruned->swept.objects, human_bytes(made.pruned->swept.bytes));
    if (code != 0)
        fmt::print(stderr, "gyre: the installation lacks {} objects that its records name: see gyre doctor\n",
                   made.snapshot.manifest.lacking);
    return code;
}

Result<int> list(const Cli& cli, const BackupFlags& flags) {
    GYRE_TRY_ASSIGN(const auto directory, backup::Directory::open(flags.directory, backup::Use::read));
    GYRE_TRY_ASSIGN(const backup::Listed listed, directory.list());
    const int code = listed.damaged.empty() ? 0 : exit_failed;
    if (cli.as_json) {
        json::array items;
        for (const auto& snapshot : listed.snapshots) items.push_back(facts_of(snapshot));
        cli.printed(json::object{{"items", std::move(items)}, {"damaged", texts(listed.damaged)}});
        return code;
    }
    const bool differ = std::ranges::any_of(listed.snapshots, [&](const backup::Snapshot& one) {
        return one.manifest.installation != listed.snapshots.front().manifest.installation;
    });
    std::vector<std::vector<std::string>> rows{{"BACKUP", "MADE", "GYRE", "ROWS", "OBJECTS", "OUTPUTS", "LACKS"}};
    if (differ) rows.back().emplace_back("INSTALLATION");
    for (const auto& [id, manifest] : listed.snapshots) {
        rows.push_back({id, to_iso(manifest.made_at), manifest.gyre, std::to_string(manifest.rows()),
                        human_bytes(manifest.blob_bytes), human_bytes(manifest.output_bytes),
                        manifest.lacking > 0 ? std::to_string(manifest.lacking) + " objects" : ""});
        if (differ) rows.back().push_back(manifest.installation.empty() ? "not known" : manifest.installation);
    }
    if (rows.size() > 1) print_table(rows);
    if (rows.size() == 1) fmt::print("no backup in {}\n", flags.directory);
    for (const auto& sentence : listed.damaged) fmt::print(stderr, "gyre: {}\n", sentence);
    return code;
}

Result<int> verify(const Cli& cli, const BackupFlags& flags) {
    auto line = std::make_unique<ProgressLine>();
    auto result = check_backup(flags.directory, flags.snapshot, line->watch());
    line.reset();
    GYRE_TRY_ASSIGN(const CheckedBackup checked, std::move(result));
    const int code = checked.good() && checked.complete() ? 0 : exit_failed;
    json::object facts = facts_of(checked.snapshot);
    facts["good"] = checked.good();
    facts["complete"] = checked.complete();
    facts["checked_objects"] = checked.objects;
    facts["findings"] = texts(checked.findings);
    if (cli.printed(facts)) return code;
    for (const auto& finding : checked.findings) fmt::print("{}\n", finding);
    if (!checked.good()) {
        fmt::print(
            "backup {} is NOT good; what the installation still has of it, gyre backup create --whole writes anew\n",
            checked.snapshot.id);
    } else {
        fmt::print("backup {} is {}: {} objects read, {} rows restored and examined\n", checked.snapshot.id,
                   checked.complete() ? "good" : "whole", checked.objects, checked.snapshot.manifest.rows());
    }
    print_lacking(checked.snapshot);
    return code;
}

// With the places that were restored into, wherever those settings came from.
void print_start(const ServerSettings& settings) {
    fmt::print("start the server with: gyre server --data-dir {}", settings.data_dir);
    if (!settings.objects_dir.empty()) fmt::print(" --objects-dir {}", settings.objects_dir);
    if (!settings.database.empty()) fmt::print(" --database {}", settings.database);
    if (!settings.objects.empty()) fmt::print(" --objects {}", settings.objects);
    fmt::print(", and its other settings\n");
}

Result<int> bring_back(const Cli& cli, const BackupFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.settings)));
    auto line = std::make_unique<ProgressLine>();
    auto result = restore(loaded.settings, flags.directory, flags.snapshot, line->watch());
    line.reset();
    GYRE_TRY_ASSIGN(const Restored restored, std::move(result));
    json::object facts = facts_of(restored.snapshot);
    facts["data_dir"] = loaded.settings.data_dir;
    facts["attempts_ended"] = restored.ended;
    if (cli.printed(facts)) return 0;
    fmt::print("backup {} is restored into {}\n", restored.snapshot.id, loaded.settings.data_dir);
    print_contents(restored.snapshot.manifest);
    print_lacking(restored.snapshot);
    if (restored.ended > 0)
        fmt::print("  {} attempts ran when it was made: they are made anew when the server starts\n", restored.ended);
    if (const auto sealed = secrets_of(restored.snapshot.manifest); sealed > 0)
        fmt::print(
            "  {} secrets are sealed: before the first start, bring the secrets.key (or secrets_key_file) of the "
            "server\n"
            "  that was backed up\n",
            sealed);
    print_start(loaded.settings);
    return 0;
}

void add_json(CLI::App* command, Cli& cli) { command->add_flag("--json", cli.as_json, "print JSON for programs"); }

}  // namespace

void add_backup_commands(CLI::App& app, Cli& cli) {
    auto flags = std::make_shared<BackupFlags>();
    auto* backup = app.add_subcommand("backup", "make, list and check backups of the server on this machine");
    backup->require_subcommand(1);

    auto* making = backup->add_subcommand("create", "make a backup; the server may run meanwhile");
    making->add_option("directory", flags->directory, "where backups are kept: made when missing")->required();
    making->add_option("--keep", flags->keep, "then remove all but this many of the newest backups")
        ->check(CLI::Range(1, 1'000'000));
    making->add_flag("--whole", flags->whole,
                     "read what the directory has already, all of it, and write anew what is damaged");
    add_json(making, cli);
    add_setting_flags(making, flags->settings);
    making->footer("Example:  gyre backup create /mnt/backups/gyre --keep 30 --data-dir /var/lib/gyre");
    cli.on(making, [&cli, flags] { return create(cli, *flags); });

    auto* listing = backup->add_subcommand("list", "show the backups that a directory holds");
    listing->add_option("directory", flags->directory, "where backups are kept")->required();
    add_json(listing, cli);
    cli.on(listing, [&cli, flags] { return list(cli, *flags); });

    auto* verifying = backup->add_subcommand(
        "verify", "read every byte of a backup, restore its database into a scratch directory and examine it");
    verifying->add_option("directory", flags->directory, "where backups are kept")->required();
    // An empty variable of a script names no backup, and not the newest either.
    const auto something = [](const std::string& given) { return given.empty() ? "it must not be empty" : ""; };
    verifying->add_option("--snapshot", flags->snapshot, "id of the backup, or its beginning (default: the newest)")
        ->check(something);
    add_json(verifying, cli);
    cli.on(verifying, [&cli, flags] { return said_of_backup(verify(cli, *flags)); });

    auto* restoring = app.add_subcommand("restore", "restore a backup into an empty data directory");
    restoring->add_option("directory", flags->directory, "where backups are kept")->required();
    restoring->add_option("--snapshot", flags->snapshot, "id of the backup, or its beginning (default: the newest)")
        ->check(something);
    add_json(restoring, cli);
    add_setting_flags(restoring, flags->settings);
    restoring->footer("Example:  gyre restore /mnt/backups/gyre --data-dir /var/lib/gyre");
    cli.on(restoring, [&cli, flags] { return said_of_backup(bring_back(cli, *flags)); });
}

}  // namespace gyre::apps
