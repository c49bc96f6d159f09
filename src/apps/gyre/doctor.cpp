#include "apps/gyre/doctor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "adapters/fs/output_store.h"
#include "adapters/sql/dump.h"
#include "adapters/sql/installation_record.h"
#include "adapters/sql/migrations.h"
#include "apps/gyre/examine.h"
#include "apps/gyre/examine_objects.h"
#include "apps/gyre/keep_servers_out.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/offers.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/repair.h"
#include "apps/gyre/restore.h"
#include "apps/gyre/secret_keys.h"
#include "apps/gyre/terminal.h"
#include "base/fd.h"

namespace gyre::apps {
namespace {

namespace files = std::filesystem;

constexpr std::int64_t least_free = std::int64_t{1} << 30;
constexpr std::size_t most_findings = 200;

// One look at an installation; each method looks at one thing.
class Doctor {
public:
    Doctor(const ServerSettings& settings, bool repair, const backup::Watch& watch)
        : settings_(settings), repair_(repair), watch_(watch) {}

    Result<Examined> look() {
        GYRE_TRY(hold());
        look_at_folder(settings_.data_dir);
        if (objects_of(settings_) != settings_.data_dir) look_at_folder(objects_of(settings_));
        look_at_keys();
        for (auto& told : told_executors(settings_)) examined_.looked_at.push_back(std::move(told));
        examined_.looked_at.push_back(told_gpus(settings_));
        if (unfinished_) return std::move(examined_);
        GYRE_TRY(look_at_store());
        GYRE_TRY(look_at_database());
        return std::move(examined_);
    }

private:
    void add(std::string rule, std::string sentence, std::string repaired = {}, bool repairable = false) {
        examined_.findings.push_back({std::move(rule), std::move(sentence), std::move(repaired), repairable});
    }

    // Whoever holds the lock of the directory is a server, or another doctor.
    Result<void> hold() {
        std::error_code failed;
        if (!files::is_directory(settings_.data_dir, failed))
            return not_found("there is no data directory " + settings_.data_dir);
        const int made = repair_ ? O_CREAT : 0;  // no server may start while it repairs
        lock_ = Fd(::open((settings_.data_dir + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | made, 0600));
        if (!lock_ && errno != ENOENT) return errno_error("opening " + settings_.data_dir + "/lock");
        if (repair_ && ::geteuid() == 0) GYRE_TRY(give_lock_to_server());
        examined_.running = lock_ && ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0;
        if (examined_.running && repair_)
            return conflict("a server runs on " + settings_.data_dir + ": stop it before repairs");
        if (repair_) {
            GYRE_TRY_ASSIGN(alone_, keep_servers_out(settings_));
        }
        unfinished_ = restore_is_unfinished(settings_.data_dir);
        if (!unfinished_) return {};
        const std::string told = "a restore into " + settings_.data_dir + " did not end: make it again";
        if (repair_) return conflict(told);
        add("restore-unfinished", told);
        return {};
    }

    // Whoever repairs may be root, and the server is not.
    Result<void> give_lock_to_server() {
        struct stat facts {};
        if (::stat(settings_.data_dir.c_str(), &facts) == 0 && ::fchown(lock_.get(), facts.st_uid, facts.st_gid) == 0)
            return {};
        return errno_error("giving " + settings_.data_dir + "/lock to the owner of the directory");
    }

    void look_at_folder(const std::string& path) {
        for (const char* name : {"", "/gyre.db", "/gyre.db-wal", "/objects", "/output", "/partial", "/launch.key",
                                 "/signing.key", "/secrets.key", "/agents.log"})
            look_at_permissions(path + name);
        struct statvfs disk {};
        if (::statvfs(path.c_str(), &disk) != 0) return add("disk", "cannot ask for the free space of " + path);
        const auto free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
        if (free < least_free) add("disk-full", "the disk of " + path + " has only " + human_bytes(free) + " left");
        examined_.looked_at.push_back(human_bytes(free) + " free on the disk of " + path);
    }

    void look_at_permissions(const std::string& path) {
        struct stat facts {};
        if (::lstat(path.c_str(), &facts) != 0) return;
        if (S_ISLNK(facts.st_mode)) return add("link", path + " is a symbolic link, and should be itself");
        if ((facts.st_mode & 077) == 0) return;
        std::string done;
        if (repair_ && ::chmod(path.c_str(), facts.st_mode & 0700) == 0) done = "others may not any more";
        add("permissions", path + " may be used by others than its owner", std::move(done), true);
    }

    // Short ones are made anew by the server; what they signed is void then.
    void look_at_keys() {
        for (const auto& path : {settings_.data_dir + "/launch.key", objects_of(settings_) + "/signing.key"}) {
            std::error_code failed;
            std::ifstream file(path);
            std::string key;
            if (!files::exists(path, failed)) continue;
            if (!std::getline(file, key) || key.size() < 32)
                add("key", path + " holds no key; the server makes a new one at its next start");
        }
    }

    // Nobody can mend it when one is lost: told before a start fails.
    Result<void> look_at_secret_keys(sql::Database& database) {
        std::vector<std::string> in_use;
        GYRE_TRY(database.each("SELECT DISTINCT key_name FROM secrets ORDER BY key_name",
                               [&](const sql::Row& row) { return row.into(in_use.emplace_back()); }));
        if (const auto fit = check_secret_keys(settings_, in_use); !fit)
            add("secret-key", fit.error().message + ": secrets cannot be opened; bring back the file that was there");
        examined_.looked_at.push_back(std::to_string(in_use.size()) + " keys that seal secrets");
        return {};
    }

    // A store elsewhere, before its objects are read one by one.
    Result<void> look_at_store() {
        if (settings_.objects.empty()) return {};
        GYRE_TRY_ASSIGN(const auto objects, Objects::open(settings_, settings_.data_dir, objects_of(settings_)));
        GYRE_TRY_ASSIGN(auto seen, objects->try_out());
        examined_.looked_at.push_back(std::move(seen));
        const std::string& endpoint = settings_.objects_endpoint;
        const bool here = endpoint.starts_with("http://127.") || endpoint.starts_with("http://localhost");
        if (endpoint.starts_with("http://") && !here)
            add("objects-unencrypted", "objects go to " + endpoint + " unencrypted: use https");
        return {};
    }

    Result<void> look_at_database() {
        const std::string file = settings_.data_dir + "/gyre.db";
        GYRE_TRY_ASSIGN(auto database, open_raw_database(settings_, file, RawAccess::read));  // it is there
        if (repair_) {
            GYRE_TRY_ASSIGN(database, open_raw_database(settings_, file, RawAccess::write));
        }
        GYRE_TRY_ASSIGN(const int schema, sql::schema_number(*database));
        if (const int known = sql::migrations().back().number; schema != known) {
            tell_of_schema(database->name(), schema, known);
            return {};
        }
        GYRE_TRY_ASSIGN(const bool belongs, look_at_installation(*database));
        if (!belongs) return {};
        GYRE_TRY(look_at_secret_keys(*database));
        GYRE_TRY(look_at_records(*database));
        GYRE_TRY(look_at_objects(*database));
        return look_at_outputs(*database);
    }

    void tell_of_schema(const std::string& name, int schema, int known) {
        const std::string told = "the schema of " + name + " is number " + std::to_string(schema) +
                                 ", and this version " + "works with " + std::to_string(known);
        if (schema == 0)
            return add("schema",
                       name + " is empty: it is not the database of an installation, or was one and is lost. A " +
                           "server would begin a new installation in it; restore a backup, or name the right " +
                           "database");
        add("schema",
            told + (schema < known ? ": make a backup, and start a server of this version, which brings it forward"
                                   : ": use the newer version"));
    }

    // Whether database and objects are of one: else all objects would look lost.
    Result<bool> look_at_installation(sql::Database& database) {
        GYRE_TRY_ASSIGN(const auto known, sql::find_installation(database));
        GYRE_TRY_ASSIGN(const auto objects, Objects::open(settings_, settings_.data_dir, objects_of(settings_)));
        const auto checked = check_installation(known, *objects);
        if (known) examined_.looked_at.push_back("installation " + known->id);
        if (checked) return true;
        const auto fault = checked.error().fault;
        if (repair_ || (fault != Fault::conflict && fault != Fault::corrupt)) return checked.error();
        add("installation", checked.error().message);
        return false;
    }

    Result<std::vector<Finding>> records_now(sql::Database& database) {
        GYRE_TRY_ASSIGN(const auto transaction, RawTransaction::begin(database, RawAccess::read));
        return examine_records(database);
    }

    Result<void> look_at_records(sql::Database& database) {
        GYRE_TRY_ASSIGN(auto found, records_now(database));
        GYRE_TRY_ASSIGN(const auto workflows, database.value<std::int64_t>("SELECT COUNT(*) FROM workflows"));
        examined_.looked_at.push_back(std::to_string(workflows.value_or(0)) + " workflows");
        if (!found.empty()) {
            // What some server had written by half stands in no second look.
            GYRE_TRY_ASSIGN(const auto again, records_now(database));
            std::erase_if(found, [&](const Finding& one) { return std::ranges::find(again, one) == again.end(); });
        }
        std::vector<std::string> done;
        if (repair_ && !found.empty()) {
            GYRE_TRY(still_kept_out(alone_));
            GYRE_TRY_ASSIGN(auto transaction, RawTransaction::begin(database, RawAccess::write));
            GYRE_TRY_ASSIGN(done, repair_records(database));
            GYRE_TRY(transaction.commit());
        }
        // What a repair did is told once, and what is still wrong is looked for again.
        for (auto& sentence : done) add("repaired", "records were wrong", std::move(sentence));
        if (!done.empty()) {
            GYRE_TRY_ASSIGN(found, records_now(database));
        }
        const std::set<std::string> beyond_repair{"database-damaged", "reference-broken", "workflow-unreadable"};
        for (auto& finding : found) {
            const bool repairable = !beyond_repair.contains(finding.rule);
            add(std::move(finding.rule), std::move(finding.sentence), {}, repairable);
        }
        return {};
    }

    Result<void> look_at_objects(sql::Database& database) {
        GYRE_TRY_ASSIGN(const auto blobs, Objects::open(settings_, settings_.data_dir, objects_of(settings_)));
        GYRE_TRY_ASSIGN(const auto seen, examine_objects(database, blobs->blobs(), watch_, most_findings));
        examined_.looked_at.push_back(std::to_string(seen.objects) + " objects, read whole; " +
                                      std::to_string(seen.chunks) + " of them chunks of caches and workspaces");
        for (const auto& finding : seen.findings) add(finding.rule, finding.sentence);
        for (const auto& bad : seen.bad) GYRE_TRY(tell_of_object(database, blobs->blobs(), bad));
        return {};
    }

    Result<void> tell_of_object(sql::Database& database, BlobStore& blobs, const BadObject& bad) {
        const bool is_pack = bad.tables.contains("sealed_outputs");
        std::string done;
        if (repair_) {
            GYRE_TRY_ASSIGN(done, repair_object(database, bad, is_pack));
        }
        const auto is_forgotten = [](const std::string& table) {
            return table == "caches" || table == "manifest_trees";
        };
        const bool mended = std::ranges::all_of(bad.tables, is_forgotten);
        const bool repairable = std::ranges::any_of(bad.tables, is_forgotten) || is_set_aside(bad, is_pack);
        add(bad.damaged ? "object-damaged" : "object-missing",
            "object " + bad.name + (bad.damaged ? " is damaged" : " is missing") + "; it is needed by " + users_of(bad),
            mended ? done : "", repairable);
        if (!mended && !done.empty()) add("repaired", "object " + bad.name, done);
        return is_pack ? tell_of_pack(database, blobs, bad.name) : Result<void>();
    }

    // Most of what a damaged pack holds can still be read, so it stays. What lies elsewhere is not ours to move.
    bool is_set_aside(const BadObject& bad, bool is_pack) const {
        return bad.damaged && !is_pack && settings_.objects.empty();
    }

    Result<std::string> repair_object(sql::Database& database, const BadObject& bad, bool is_pack) {
        GYRE_TRY(still_kept_out(alone_));  // all objects were read meanwhile
        std::string done;
        if (is_set_aside(bad, is_pack)) {
            GYRE_TRY_ASSIGN(done, set_aside(objects_of(settings_), bad.name));
        }
        GYRE_TRY_ASSIGN(auto transaction, RawTransaction::begin(database, RawAccess::write));
        for (const auto& blob : bad.blobs) {
            GYRE_TRY_ASSIGN(const std::string forgot, forget_cache(database, blob));
            done += (done.empty() || forgot.empty() ? "" : "; ") + forgot;
        }
        GYRE_TRY(transaction.commit());
        return done;
    }

    Result<void> tell_of_pack(sql::Database& database, BlobStore& blobs, const std::string& name) {
        GYRE_TRY_ASSIGN(const auto pack, examine_pack(database, blobs, name, most_findings));
        for (const auto& finding : pack.findings) add(finding.rule, finding.sentence);
        examined_.looked_at.push_back(std::to_string(pack.outputs) + " outputs in the bad object " + name + ", " +
                                      std::to_string(pack.findings.size()) + " of them damaged");
        return {};
    }

    static std::string users_of(const BadObject& bad) {
        std::string text;
        for (const auto& user : bad.users) text += (text.empty() ? "" : ", ") + user;
        const auto more = bad.uses - std::ssize(bad.users);
        return more > 0 ? text + " and " + std::to_string(more) + " more" : text;
    }

    Result<void> look_at_outputs(sql::Database& database) {
        GYRE_TRY_ASSIGN(const auto outputs,
                        fs::FileOutputStore::open(objects_of(settings_), {.syncs_what_is_there = false}));
        GYRE_TRY_ASSIGN(const auto found, examine_outputs(database, *outputs));
        for (const auto& finding : found) add(finding.rule, finding.sentence);
        GYRE_TRY_ASSIGN(const auto steps, database.value<std::int64_t>("SELECT COUNT(*) FROM steps"));
        GYRE_TRY_ASSIGN(const auto sealed, database.value<std::int64_t>("SELECT COUNT(*) FROM sealed_outputs"));
        examined_.looked_at.push_back("the output of " + std::to_string(steps.value_or(0)) + " steps, " +
                                      std::to_string(sealed.value_or(0)) + " of them sealed");
        return {};
    }

    const ServerSettings& settings_;
    bool repair_;
    const backup::Watch& watch_;
    Fd lock_;
    ServersKeptOut alone_;     // keeps the servers of other machines out of a repair
    bool unfinished_ = false;  // a restore: there is no database yet
    Examined examined_;
};

}  // namespace

bool Examined::clean() const {
    return std::all_of(findings.begin(), findings.end(), [](const Diagnosis& one) { return !one.repaired.empty(); });
}

bool Examined::repair_would_help() const {
    return std::ranges::any_of(findings, [](const Diagnosis& one) { return one.repairable && one.repaired.empty(); });
}

Result<Examined> examine_installation(const ServerSettings& settings, bool repair, const backup::Watch& watch) {
    return Doctor(settings, repair, watch).look();
}

}  // namespace gyre::apps
