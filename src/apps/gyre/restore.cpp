#include "apps/gyre/restore.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/folder.h"
#include "adapters/fs/output_store.h"
#include "adapters/fs/owner_mark.h"
#include "adapters/sql/dump.h"
#include "adapters/sql/migrations.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/end_attempts.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/raw_database.h"
#include "backup/plain_objects.h"

namespace gyre::apps {
namespace {

namespace files = std::filesystem;

constexpr const char* scratch_name = "restoring";

// What a restore makes itself may be there, left by one that was killed.
Result<void> check_empty(const std::string& path) {
    std::error_code failed;
    const bool begun = restore_is_unfinished(path);
    const std::set<std::string> ours{"objects", "partial", "output", "gyre.db", fs::mark_name, scratch_name};
    for (const auto& entry : files::directory_iterator(path, failed)) {
        const auto name = entry.path().filename().string();
        if (name == "lock" || name == "lost+found" || (begun && ours.contains(name))) continue;
        return conflict(path + " is not empty (it holds " + name +
                        "): restore into a new directory, or empty this one first");
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return unavailable("reading " + path + ": " + failed.message());
    return {};
}

// What a directory of backups removes with old ones is no place for a server.
Result<void> check_place(const std::string& path, const backup::Directory& backups) {
    if (!backup::lies_in(path, backups.path())) return {};
    return invalid(path + " lies in the directory of backups " + backups.path().string() + ": choose another");
}

Result<void> begin_scratch(const std::string& data) {
    std::error_code failed;
    const std::string scratch = data + "/" + scratch_name;
    if (::mkdir(scratch.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("making " + scratch);
    // The scratch directory itself stays all the time: it tells of what is going on.
    for (const auto& entry : files::directory_iterator(scratch, failed)) files::remove_all(entry.path(), failed);
    for (const char* name : {"objects", "partial", "output", "gyre.db", fs::mark_name})
        files::remove_all(data + "/" + name, failed);
    if (failed) return unavailable("emptying " + data + ": " + failed.message());
    return {};
}

Result<void> verify(BlobStore& objects, const backup::Snapshot& snapshot, const backup::Watch& watch) {
    backup::Names names;
    auto added = backup::add_objects(objects, snapshot.manifest, names);
    if (!added) return added.error().during("backup " + snapshot.id + " is damaged");
    GYRE_TRY_ASSIGN(const auto findings, backup::check_objects(objects, names, watch));
    if (findings.empty()) return {};
    return corrupt("backup " + snapshot.id + " is damaged, and nothing was restored: " + findings.front() +
                   (findings.size() > 1 ? " (and " + std::to_string(findings.size() - 1) + " more)" : "") +
                   "; choose another with --snapshot");
}

Result<void> move_into_place(const std::string& data, const char* name) {
    GYRE_TRY_ASSIGN(const fs::Folder home, fs::Folder::open(data));
    GYRE_TRY_ASSIGN(const fs::Folder scratch, home.existing_child(scratch_name));
    GYRE_TRY(scratch.move(name, home, name));
    GYRE_TRY(scratch.sync());
    return home.sync();
}

// Blobs in S3 are in their place already.
Result<void> move_objects(const ServerSettings& settings, const std::string& home) {
    if (settings.objects.empty()) {
        for (const char* name : {"objects", "partial"}) GYRE_TRY(move_into_place(home, name));
    }
    return move_into_place(home, "output");
}

// A bucket may hold the objects of this very installation, and of no other.
Result<void> check_bucket(Objects& objects, const backup::Manifest& manifest) {
    GYRE_TRY_ASSIGN(const auto owner, objects.owner());
    if (owner.empty() || manifest.installation.empty() || owner == manifest.installation) return {};
    return conflict(objects.name() + " belongs to the installation " + owner + ", and the backup is of " +
                    manifest.installation + ": name another place");
}

// It is the same installation, wherever it is restored.
Result<void> mark_objects(const ServerSettings& settings, const std::string& data, const std::string& home,
                          const std::string& installation) {
    if (installation.empty()) return {};
    GYRE_TRY_ASSIGN(const auto objects, Objects::open(settings, data, home));
    GYRE_TRY_ASSIGN(const auto folder, fs::Folder::open(home));
    GYRE_TRY(objects->put_owner(installation));
    GYRE_TRY(fs::put_mark(folder, installation));
    return {};
}

Result<void> remove_scratch(const std::string& data) {
    std::error_code failed;
    files::remove_all(data + "/" + scratch_name, failed);
    if (failed) return unavailable("removing " + data + "/" + scratch_name + ": " + failed.message());
    GYRE_TRY_ASSIGN(const fs::Folder home, fs::Folder::open(data));
    return home.sync();
}

// The log of SQLite goes into the file, which can be moved alone then.
Result<void> close_file(std::unique_ptr<sql::Database> database, const std::string& file) {
    if (database->dialect() == sql::Dialect::sqlite) GYRE_TRY(database->script("PRAGMA wal_checkpoint(TRUNCATE)"));
    database.reset();
    std::error_code failed;
    if (files::exists(file + "-wal", failed) && files::file_size(file + "-wal", failed) > 0)
        return unavailable("the log of " + file + " could not be written into it");
    return {};
}

// The servers of the snapshot's time are no servers of this database; what they had claimed is free. Which key all must
// have is told by what is sealed, and by the first server where nothing is.
Result<void> forget_servers(sql::Database& database) {
    return database.script(
        "DELETE FROM servers; UPDATE queue SET claimed_by = '', claimed_until = 0;"
        " UPDATE outbox SET claimed_by = '', claimed_until = 0; UPDATE installation SET secrets_key = ''");
}

Result<void> load(const ServerSettings& settings, const std::string& file, BlobStore& objects,
                  const backup::Manifest& manifest, const backup::Watch& watch) {
    GYRE_TRY_ASSIGN(auto database, open_raw_database(settings, file, RawAccess::write));
    GYRE_TRY(load_tables(*database, objects, manifest, watch));
    return close_file(std::move(database), file);
}

}  // namespace

bool restore_is_unfinished(const std::string& data_dir) {
    std::error_code failed;
    return files::exists(data_dir + "/" + scratch_name, failed);
}

Result<void> check_schema(const backup::Manifest& manifest) {
    const int known = sql::migrations().back().number;
    if (manifest.schema <= known) return {};
    return invalid("the backup was made by Gyre " + manifest.gyre + ", with schema number " +
                   std::to_string(manifest.schema) + ", and this version knows up to " + std::to_string(known) +
                   ": use a newer version");
}

Result<void> load_tables(sql::Database& database, BlobStore& objects, const backup::Manifest& manifest,
                         const backup::Watch& watch) {
    GYRE_TRY(check_schema(manifest));
    GYRE_TRY_ASSIGN(auto transaction, RawTransaction::begin(database, RawAccess::write));
    GYRE_TRY_ASSIGN(const auto there, sql::tables_of(database));
    if (!there.empty()) return conflict(database.name() + " is not empty: name an empty database");
    GYRE_TRY(sql::migrate(database, manifest.schema));
    GYRE_TRY_ASSIGN(const auto tables, sql::tables_of(database));
    // What a migration itself put in is part of the snapshot.
    for (auto table = tables.rbegin(); table != tables.rend(); ++table)
        GYRE_TRY(database.script("DELETE FROM " + table->name));
    std::size_t loaded = 0;
    std::int64_t rows = 0;
    for (const auto& table : tables) {
        for (const auto& part : manifest.tables) {
            if (part.name != table.name) continue;
            GYRE_TRY_ASSIGN(auto writer, sql::RowWriter::into(database, table, part.columns));
            const auto add = [&](const json::array& row) -> Result<void> {
                if (++rows % 1000 == 0) GYRE_TRY(watch({"database", rows, manifest.rows()}));
                return writer.add(row);
            };
            GYRE_TRY(backup::each_row(objects, part, add));
            ++loaded;
        }
    }
    if (loaded != manifest.tables.size()) return corrupt("the backup has tables that its schema has not");
    GYRE_TRY(sql::go_on_numbering(database, tables));
    GYRE_TRY(sql::migrate(database));
    GYRE_TRY(forget_servers(database));
    GYRE_TRY(watch({"database", rows, rows}));
    return transaction.commit();
}

Result<Restored> restore(const ServerSettings& settings, const std::string& from, const std::string& id,
                         const backup::Watch& watch) {
    GYRE_TRY_ASSIGN(const auto directory, backup::Directory::open(from, backup::Use::read));
    GYRE_TRY_ASSIGN(const auto stored, fs::FileBlobStore::open(directory.path()));
    backup::PlainObjects objects(directory, *stored);
    Restored restored;
    GYRE_TRY_ASSIGN(restored.snapshot, directory.find(id));
    const auto& manifest = restored.snapshot.manifest;
    GYRE_TRY(check_schema(manifest));
    for (const auto& home : {settings.data_dir, objects_of(settings)}) GYRE_TRY(check_place(home, directory));
    GYRE_TRY(check_empty(settings.data_dir));
    GYRE_TRY(check_empty(objects_of(settings)));
    GYRE_TRY(verify(objects, restored.snapshot, watch));

    GYRE_TRY_ASSIGN(const DataDirectory data, DataDirectory::open(settings.data_dir));
    GYRE_TRY_ASSIGN(const std::string home, data.objects(settings.objects_dir));
    for (const auto& directory_of : {data.path(), home}) GYRE_TRY(check_empty(directory_of));
    GYRE_TRY(begin_scratch(data.path()));
    if (home != data.path()) GYRE_TRY(begin_scratch(home));
    {
        // What is in S3 under its hash disturbs nobody before the database names it.
        const std::string scratch = home + "/" + scratch_name;
        GYRE_TRY_ASSIGN(const auto blobs, Objects::open(settings, scratch, scratch));
        GYRE_TRY(check_bucket(*blobs, manifest));
        GYRE_TRY_ASSIGN(const auto outputs, fs::FileOutputStore::open(home + "/" + scratch_name));
        GYRE_TRY(backup::put_back(objects, manifest, blobs->blobs(), *outputs, watch));
    }
    // The database is last, whichever it is: without it nothing was restored.
    const std::string file = data.file(scratch_name) + "/gyre.db";
    const bool embedded = settings.database.empty();
    if (!embedded) GYRE_TRY(move_objects(settings, home));
    if (!embedded) GYRE_TRY(mark_objects(settings, data.path(), home, manifest.installation));
    GYRE_TRY(load(settings, file, objects, manifest, watch));
    GYRE_TRY_ASSIGN(restored.ended, end_attempts(settings, file, embedded ? home + "/" + scratch_name : home));
    if (embedded) GYRE_TRY(move_objects(settings, home));
    if (embedded) GYRE_TRY(mark_objects(settings, data.path(), home, manifest.installation));
    if (embedded) GYRE_TRY(move_into_place(data.path(), "gyre.db"));
    if (home != data.path()) GYRE_TRY(remove_scratch(home));
    GYRE_TRY(remove_scratch(data.path()));
    return restored;
}

}  // namespace gyre::apps
