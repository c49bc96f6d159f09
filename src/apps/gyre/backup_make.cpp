#include "apps/gyre/backup_make.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/sql/dump.h"
#include "adapters/sql/installation_record.h"
#include "adapters/sql/migrations.h"
#include "adapters/sql/sealed_outputs.h"
#include "apps/gyre/examine.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/restore.h"
#include "apps/gyre/version.h"
#include "base/clock.h"
#include "output/kept_outputs.h"

namespace gyre::apps {
namespace {

// One snapshot of the database goes into the backup.
Result<void> dump(sql::Database& database, backup::SnapshotWriter& writer) {
    GYRE_TRY_ASSIGN(const auto transaction, RawTransaction::begin(database, RawAccess::read));
    GYRE_TRY_ASSIGN(const int schema, sql::schema_number(database));
    if (schema == 0) return not_found(database.name() + " holds no database of Gyre");
    if (schema > sql::migrations().back().number)
        return invalid(database.name() + " was written by a newer version of Gyre; make the backup with that version");
    GYRE_TRY_ASSIGN(const auto tables, sql::tables_of(database));
    GYRE_TRY_ASSIGN(const auto known, sql::find_installation(database));
    writer.begin(
        {.schema = schema, .database = kind_of_database(database), .installation = known ? known->id : std::string()});
    for (const auto& table : tables) {
        std::vector<std::string> columns;
        for (const auto& column : table.columns) columns.push_back(column.name);
        GYRE_TRY(writer.begin_table(table.name, std::move(columns)));
        GYRE_TRY(sql::read_rows(database, table, [&](const json::array& row) { return writer.add_row(row); }));
    }
    return writer.end_tables();
}

// For reading only: what was raw when the database was dumped may be sealed by now.
class SealedNow final : public SealedOutputs {
public:
    SealedNow(sql::Database& database, int schema) : database_(database), knows_them_(schema >= schema_with_sealed) {}
    Result<std::optional<SealedOutput>> find(const OutputName& name) override {
        return knows_them_ ? sql::find_sealed(database_, name) : std::optional<SealedOutput>();
    }
    Result<void> add(const std::vector<SealedStep>&) override { return invalid("a backup seals no output"); }
    Result<bool> has_ended(const AttemptRef&) override { return invalid("a backup seals no output"); }

private:
    static constexpr int schema_with_sealed = 14;  // db/migrations
    sql::Database& database_;
    bool knows_them_;
};

class ScratchFolder {
public:
    static Result<ScratchFolder> make() {
        std::error_code failed;
        auto parent = std::filesystem::temp_directory_path(failed);
        std::string name = (failed ? "/tmp" : parent.string()) + "/gyre-check-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) return errno_error("making a directory like " + name);
        return ScratchFolder(std::move(name));
    }
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Result<void> try_database(const backup::Manifest& manifest, BlobStore& objects, std::vector<std::string>& findings,
                          const backup::Watch& watch) {
    GYRE_TRY_ASSIGN(const ScratchFolder scratch, ScratchFolder::make());
    GYRE_TRY_ASSIGN(const auto database, open_raw_database({}, scratch.file("gyre.db"), RawAccess::write));
    const auto loaded = load_tables(*database, objects, manifest, watch);
    if (!loaded && loaded.error().fault == Fault::unavailable) return loaded;
    if (!loaded) {
        findings.push_back("the database cannot be restored: " + loaded.error().message);
        return {};
    }
    GYRE_TRY_ASSIGN(const auto transaction, RawTransaction::begin(*database, RawAccess::read));
    GYRE_TRY_ASSIGN(const auto found, examine_records(*database));
    for (const auto& finding : found) findings.push_back(finding.sentence);
    return {};
}

// What a server writes, sweeps and backs up holds no backups.
Result<void> check_place(const ServerSettings& settings, const std::string& to) {
    for (const auto& home : {settings.data_dir, objects_of(settings)}) {
        for (const char* name : {"objects", "output", "partial", "damaged"}) {
            const auto folder = std::filesystem::path(home) / name;
            if (backup::lies_in(to, folder))
                return invalid(to + " lies in " + folder.string() +
                               ", which belongs to the server: choose another directory, best on another disk");
        }
    }
    return {};
}

// The id of the installation, whose objects these are; empty: it has none yet.
Result<std::string> installation_of(sql::Database& database, Objects& objects) {
    GYRE_TRY_ASSIGN(const auto known, sql::find_installation(database));
    GYRE_TRY(check_installation(known, objects));
    return known ? known->id : std::string();
}

Result<void> check_whose(const backup::Directory& directory, const std::string& installation) {
    GYRE_TRY_ASSIGN(const auto listed, directory.list());
    for (const auto& [id, manifest] : listed.snapshots) {
        if (manifest.installation.empty() || manifest.installation == installation) continue;
        return conflict(directory.path().string() + " holds backups of another installation (" + id + " is of " +
                        manifest.installation + ", this " +
                        (installation.empty() ? "has no id before its server's next start" : "is " + installation) +
                        "): choose a directory for each installation");
    }
    return {};
}

}  // namespace

Result<MadeBackup> make_backup(const ServerSettings& settings, const std::string& to, int keep,
                               const backup::Watch& watch, backup::Trust trust) {
    const SystemClock clock;
    const auto began = clock.steady();
    // Before anything is made: a wrong data directory must not look like an empty installation.
    GYRE_TRY_ASSIGN(const auto database, open_raw_database(settings, settings.data_dir + "/gyre.db", RawAccess::read));
    GYRE_TRY(check_place(settings, to));
    GYRE_TRY_ASSIGN(auto directory, backup::Directory::open(to, backup::Use::write));
    GYRE_TRY_ASSIGN(const auto stored, fs::FileBlobStore::open(directory.path()));
    backup::PlainObjects objects(directory, *stored, trust);
    GYRE_TRY_ASSIGN(const auto blobs, Objects::open(settings, settings.data_dir, objects_of(settings)));
    GYRE_TRY_ASSIGN(const auto installation, installation_of(*database, *blobs));
    GYRE_TRY(check_whose(directory, installation));
    GYRE_TRY_ASSIGN(const auto raw, fs::FileOutputStore::open(objects_of(settings), {.syncs_what_is_there = false}));
    GYRE_TRY_ASSIGN(const int schema, sql::schema_number(*database));
    SealedNow sealed(*database, schema);
    output::KeptOutputs outputs(*raw, sealed, blobs->blobs());
    backup::SnapshotWriter writer(directory, objects, watch);
    const Timestamp made_at = clock.now();
    GYRE_TRY(dump(*database, writer));
    GYRE_TRY(writer.add_objects(blobs->blobs(), outputs));
    MadeBackup made;
    GYRE_TRY_ASSIGN(made.snapshot, writer.finish(made_at, std::string(version())));
    made.lacking = writer.lacking();
    made.mended = objects.removed();
    if (keep > 0) {
        auto pruned = backup::prune(directory, objects, keep, installation);
        if (!pruned) return pruned.error().during("backup " + made.snapshot.id + " is made; removing old ones");
        made.pruned = std::move(*pruned);
    }
    made.took = std::chrono::floor<Duration>(clock.steady() - began);
    return made;
}

Result<backup::Pruned> prune_backups(const ServerSettings& settings, const std::string& from, int keep) {
    GYRE_TRY_ASSIGN(const auto database, open_raw_database(settings, settings.data_dir + "/gyre.db", RawAccess::read));
    GYRE_TRY_ASSIGN(const auto known, sql::find_installation(*database));
    GYRE_TRY_ASSIGN(auto directory, backup::Directory::open(from, backup::Use::write));
    GYRE_TRY_ASSIGN(const auto stored, fs::FileBlobStore::open(directory.path()));
    backup::PlainObjects objects(directory, *stored);
    return backup::prune(directory, objects, keep, known ? known->id : std::string());
}

Result<CheckedBackup> check_backup(const std::string& from, const std::string& id, const backup::Watch& watch) {
    GYRE_TRY_ASSIGN(const auto directory, backup::Directory::open(from, backup::Use::read));
    GYRE_TRY_ASSIGN(const auto stored, fs::FileBlobStore::open(directory.path()));
    backup::PlainObjects objects(directory, *stored);
    CheckedBackup checked;
    GYRE_TRY_ASSIGN(checked.snapshot, directory.find(id));
    const auto& manifest = checked.snapshot.manifest;
    GYRE_TRY(check_schema(manifest));
    backup::Names names;
    if (const auto added = backup::add_objects(objects, manifest, names); !added) {
        if (added.error().fault == Fault::unavailable) return added.error();
        checked.findings.push_back(added.error().message);
        return checked;
    }
    checked.objects = names.size();
    GYRE_TRY_ASSIGN(checked.findings, backup::check_objects(objects, names, watch));
    if (checked.good()) GYRE_TRY(try_database(manifest, objects, checked.findings, watch));
    return checked;
}

}  // namespace gyre::apps
