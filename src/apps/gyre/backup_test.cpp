// Backups of an installation on SQLite and the file system: made, checked, damaged, restored.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <random>
#include <set>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/sql/dump.h"
#include "adapters/sql/migrations.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/backup_make.h"
#include "apps/gyre/doctor.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/restore.h"
#include "ports/contract/examples.h"
#include "ports/contract/full_disk.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

namespace files = std::filesystem;
using contract::expect_fault;

Result<void> patient(const backup::Progress&) { return {}; }

struct OneInstallation {
    contract::TempFolder folder;
    files::path data = folder.path() / "data";
    std::unique_ptr<fs::FileBlobStore> blobs = fs::FileBlobStore::open(data).value();
    std::unique_ptr<fs::FileOutputStore> outputs = fs::FileOutputStore::open(data).value();
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(data / "gyre.db").value();
    sql::Stores& stores = *owned;
};

std::string read_file(const files::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
void write_file(const files::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

class Backups : public contract::StoresContract<OneInstallation> {
protected:
    // Two jobs of two tasks: of the first one task runs and one is placed, with output and an artifact.
    void fill() {
        ASSERT_EQ(::chmod(world_.data.c_str(), 0700), 0);
        Workflow workflow = make_workflow({"build", "test"});
        place(workflow, 0, 0);
        place(workflow, 0, 1);
        claim(workflow, 0, 0);
        workflow.jobs[0].status = JobStatus::running;
        workflow.jobs[0].started_at = contract::at(200);
        ASSERT_EQ(store(workflow, {0}), Committed::stored);
        running_ = contract::attempt_of(workflow, 0);
        blob_ = backup::put_blob(*world_.blobs, "an artifact").value();
        ASSERT_TRUE(world_.stores.run_records().add_artifact(running_, {0, "out/a.txt", blob_, 11}).ok());
        cache_ = backup::put_blob(*world_.blobs, "a cache").value();
        ASSERT_TRUE(world_.stores.keepsakes().add_cache(workflow.project, {"deps-1", cache_, 7, contract::at(1)}).ok());
        ASSERT_TRUE(world_.outputs->append({running_, 101}, 0, "hello\nworld\n")->accepted);
        StepRecord step{.index = 101, .name = "make \xff\x01 it"};
        step.status = StepStatus::running;
        step.started_at = contract::at(200);
        step.output_bytes = 6;
        ASSERT_TRUE(world_.stores.run_records().save_steps(running_, {step}).ok());
    }
    ServerSettings settings_of(const files::path& data) {
        ServerSettings settings;
        settings.data_dir = data.string();
        return settings;
    }
    Result<MadeBackup> make(int keep = 0, backup::Trust trust = backup::Trust::size) {
        return make_backup(settings_of(world_.data), to_.string(), keep, patient, trust);
    }
    // As a first start does it.
    Result<void> begin_installation(const std::string& id) {
        GYRE_TRY(world_.stores.installation().begin(id));
        write_file(world_.data / "installation", id + "\n");
        return world_.stores.installation().note_objects();
    }
    bool is_good(const std::string& id = "") {
        const auto checked = check_backup(to_.string(), id, patient);
        return checked.ok() && checked->good();
    }
    files::path object(const std::string& name) const { return to_ / "objects" / name.substr(0, 2) / name.substr(2); }
    Result<Restored> bring_back(const files::path& data, const std::string& id = "") {
        return restore(settings_of(data), to_.string(), id, patient);
    }
    static std::string rows_of(const files::path& data) {
        const auto database = open_raw_database({}, (data / "gyre.db").string(), RawAccess::read).value();
        std::string text;
        const auto tables = sql::tables_of(*database).value();
        for (const auto& table : tables) {
            const auto add = [&](const json::array& row) -> Result<void> {
                text += table.name + json::serialize(row) + "\n";
                return {};
            };
            EXPECT_TRUE(sql::read_rows(*database, table, add).ok());
        }
        return text;
    }
    std::vector<files::path> files_of_backup() const {
        std::vector<files::path> found;
        for (const auto& entry : files::recursive_directory_iterator(to_)) {
            if (entry.is_regular_file() && entry.path().filename() != "lock") found.push_back(entry.path());
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    std::vector<files::path> objects_of_backup() const {
        auto found = files_of_backup();
        std::erase_if(found,
                      [](const files::path& path) { return path.parent_path().filename().string().size() != 2; });
        return found;
    }

    contract::TempFolder elsewhere_;
    files::path to_ = elsewhere_.path() / "backups";
    files::path new_home_ = elsewhere_.path() / "home";
    AttemptRef running_;
    std::string blob_;
    std::string cache_;
};

TEST_F(Backups, come_back_whole_and_what_ran_is_queued_again) {
    fill();
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    const auto checked = check_backup(to_.string(), "", patient);
    ASSERT_TRUE(checked.ok()) << checked.error().message;
    EXPECT_TRUE(checked->good()) << checked->findings.front();
    const auto restored = bring_back(new_home_);
    ASSERT_TRUE(restored.ok()) << restored.error().message;
    EXPECT_EQ(restored->ended, 2);

    const auto blobs = fs::FileBlobStore::open(new_home_).value();
    EXPECT_EQ(*blobs->open(blob_, 0).value()->read(100), "an artifact");
    EXPECT_EQ(*fs::FileOutputStore::open(new_home_).value()->read({running_, 101}, 0, 100), "hello\nworld\n");
    const auto stores = sqlite::open_sqlite(new_home_ / "gyre.db").value();
    EXPECT_TRUE(stores->task_queue().live()->empty());
    EXPECT_EQ(stores->task_queue().queued(10)->size(), 4U);
    const auto workflow = stores->workflow_store().load(*stores->workflow_store().workflow_of(running_.job)).value();
    for (const auto& task : workflow.jobs.at(0).tasks) {
        EXPECT_EQ(task.attempts.back().outcome,
                  Outcome(InfrastructureFailed{"the server was restored from a backup", true, false}))
            << "it counts as no retry";
    }
    const auto steps = *stores->run_records().steps(running_);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].status, StepStatus::infrastructure_fail);
    EXPECT_EQ(steps[0].output_bytes, 12);
    EXPECT_EQ(steps[0].name, "make \xff\x01 it");
    EXPECT_FALSE(restore_is_unfinished(new_home_));
    const auto examined = examine_installation(settings_of(new_home_), false, patient);
    ASSERT_TRUE(examined.ok()) << examined.error().message;
    for (const auto& finding : examined->findings) {
        if (finding.rule != "disk-full") ADD_FAILURE() << finding.sentence;
    }
}

TEST_F(Backups, of_an_installation_at_rest_have_every_row_as_it_was) {
    make_pipeline(make_project("git/\xe2\x82\xac"));
    ASSERT_TRUE(make().ok());
    ASSERT_TRUE(bring_back(new_home_).ok());
    EXPECT_EQ(rows_of(new_home_), rows_of(world_.data));
}

// A new migration needs no word here: what it adds is in backups, or none is made.
TEST_F(Backups, hold_every_table_of_the_schema) {
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    std::set<std::string> held;
    for (const auto& table : made->snapshot.manifest.tables) held.insert(table.name);
    const auto database = open_raw_database({}, (world_.data / "gyre.db").string(), RawAccess::write).value();
    std::set<std::string> there;
    ASSERT_TRUE(database
                    ->each("SELECT name FROM sqlite_master WHERE type = 'table'",
                           [&](const sql::Row& row) -> Result<void> {
                               std::string name;
                               GYRE_TRY(row.into(name));
                               if (!name.starts_with("sqlite_")) there.insert(name);
                               return {};
                           })
                    .ok());
    EXPECT_EQ(there.erase("schema_migrations"), 1U) << "a restore makes it";
    EXPECT_EQ(held, there);
}

TEST_F(Backups, are_not_made_of_tables_that_they_could_not_bring_back) {
    for (const char* columns : {"id TEXT NOT NULL PRIMARY KEY, secret BLOB", "id TEXT"}) {
        const auto database = open_raw_database({}, (world_.data / "gyre.db").string(), RawAccess::write).value();
        ASSERT_TRUE(database->script("CREATE TABLE strange (" + std::string(columns) + ")").ok());
        const auto refused = make();
        expect_fault(refused, Fault::invalid);
        EXPECT_NE(refused.error().message.find("table strange"), std::string::npos) << refused.error().message;
        ASSERT_TRUE(database->script("DROP TABLE strange").ok());
    }
    EXPECT_TRUE(make().ok());
}

TEST_F(Backups, share_what_did_not_change) {
    fill();
    ASSERT_TRUE(make().ok());
    const auto before = files_of_backup().size();
    ASSERT_TRUE(make().ok());
    EXPECT_EQ(files_of_backup().size(), before + 1) << "nothing but another manifest";
}

TEST_F(Backups, are_for_their_owner_only_and_hold_no_keys) {
    fill();
    write_file(world_.data / "launch.key", "a-secret-of-the-launcher\n");
    ASSERT_TRUE(make().ok());
    for (const auto& entry : files::recursive_directory_iterator(to_))
        EXPECT_EQ(entry.status().permissions() & (files::perms::group_all | files::perms::others_all),
                  files::perms::none)
            << entry.path();
    for (const auto& file : files_of_backup()) EXPECT_EQ(read_file(file).find("a-secret-of"), std::string::npos);
}

TEST_F(Backups, with_any_file_damaged_are_not_good_and_are_not_restored) {
    fill();
    ASSERT_TRUE(make().ok());
    std::mt19937 random(1);
    for (const auto& file : files_of_backup()) {
        const std::string whole = read_file(file);
        std::vector<std::string> damaged{whole.substr(0, whole.size() / 2), "", whole + "x"};
        for (int i = 0; i < 8; ++i) {
            auto flipped = whole;
            flipped[random() % whole.size()] ^= static_cast<char>(1 << (random() % 8));
            damaged.push_back(std::move(flipped));
        }
        for (const auto& text : damaged) {
            write_file(file, text);
            const auto checked = check_backup(to_.string(), "", patient);
            EXPECT_FALSE(checked.ok() && checked->good()) << file;
            EXPECT_FALSE(bring_back(new_home_).ok()) << file;
            EXPECT_FALSE(files::exists(new_home_ / "gyre.db")) << file;
        }
        files::remove(file);
        const auto checked = check_backup(to_.string(), "", patient);
        EXPECT_FALSE(checked.ok() && checked->good()) << "without " << file;
        EXPECT_FALSE(bring_back(new_home_).ok()) << "without " << file;
        write_file(file, whole);
    }
    EXPECT_TRUE(bring_back(new_home_).ok());
}

TEST_F(Backups, whose_objects_are_links_or_pipes_are_not_good) {
    fill();
    ASSERT_TRUE(make().ok());
    const auto object = to_ / "objects" / blob_.substr(0, 2) / blob_.substr(2);
    files::rename(object, elsewhere_.path() / "same-bytes");
    files::create_symlink(elsewhere_.path() / "same-bytes", object);
    EXPECT_FALSE(check_backup(to_.string(), "", patient)->good());
    EXPECT_FALSE(bring_back(new_home_).ok());
    files::remove(object);
    ASSERT_EQ(::mkfifo(object.c_str(), 0600), 0);
    EXPECT_FALSE(check_backup(to_.string(), "", patient)->good());
    EXPECT_FALSE(bring_back(new_home_).ok());
}

// What may stand where an object should be.
struct Trouble {
    const char* name;
    std::function<void(const files::path& object)> make;
};
const Trouble troubles[] = {
    {"nothing", [](const files::path& path) { files::remove(path); }},
    {"an empty file", [](const files::path& path) { write_file(path, ""); }},
    {"half of it", [](const files::path& path) { files::resize_file(path, files::file_size(path) / 2); }},
    {"more than it", [](const files::path& path) { write_file(path, read_file(path) + "x"); }},
    {"a pipe",
     [](const files::path& path) {
         files::remove(path);
         EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
     }},
    {"a link to the same bytes",
     [](const files::path& path) {
         const files::path aside = path.parent_path().parent_path().parent_path() / "aside";
         files::create_directories(aside);
         files::rename(path, aside / path.filename());
         files::create_symlink(aside / path.filename(), path);
     }},
    {"a link to nowhere",
     [](const files::path& path) {
         files::remove(path);
         files::create_symlink("/nowhere/at/all", path);
     }},
    {"a directory",
     [](const files::path& path) {
         files::remove(path);
         files::create_directories(path / "of" / "others");
     }},
    {"a file in place of its shelf",
     [](const files::path& path) {
         files::remove_all(path.parent_path());
         write_file(path.parent_path(), "shelf");
     }},
    {"a link in place of its shelf",
     [](const files::path& path) {
         files::remove_all(path.parent_path());
         files::create_directory_symlink("/tmp", path.parent_path());
     }},
};

TEST_F(Backups, are_good_whatever_happened_to_the_objects_of_those_before) {
    fill();
    ASSERT_TRUE(make().ok());
    ASSERT_GE(objects_of_backup().size(), 5U) << "of tables, of outputs, and blobs";
    for (const auto& trouble : troubles) {
        for (const auto& path : objects_of_backup()) {
            if (files::is_regular_file(files::symlink_status(path))) trouble.make(path);
        }
        ASSERT_FALSE(is_good()) << trouble.name;
        const auto made = make();
        ASSERT_TRUE(made.ok()) << trouble.name << ": " << made.error().message;
        EXPECT_TRUE(is_good()) << trouble.name;
        EXPECT_EQ(made->snapshot.manifest.lacking, 0) << trouble.name;
        EXPECT_EQ(made->mended.empty(), trouble.name == std::string_view("nothing")) << trouble.name;
        files::remove_all(to_ / "aside");
        ASSERT_TRUE(make(1).ok()) << "what is no object does not keep others from being swept";
    }
    EXPECT_TRUE(bring_back(new_home_).ok());
}

TEST_F(Backups, are_good_whichever_object_of_those_before_is_empty) {
    fill();
    ASSERT_TRUE(make().ok());
    for (const auto& path : objects_of_backup()) {
        write_file(path, "");
        const auto made = make();
        ASSERT_TRUE(made.ok()) << path << ": " << made.error().message;
        EXPECT_EQ(made->mended.size(), 1U) << path;
        EXPECT_TRUE(is_good()) << path;
    }
}

TEST_F(Backups, find_other_bytes_of_the_same_size_when_they_read_all) {
    fill();
    ASSERT_TRUE(make().ok());
    for (const auto& path : objects_of_backup()) {
        auto text = read_file(path);
        text[text.size() / 2] ^= 1;
        write_file(path, text);
        ASSERT_FALSE(is_good()) << path;
        const auto made = make(0, backup::Trust::content);
        ASSERT_TRUE(made.ok()) << path << ": " << made.error().message;
        EXPECT_TRUE(is_good()) << path;
        EXPECT_EQ(made->mended.size(), files::exists(path) ? 1U : 0U) << path;
    }
}

TEST_F(Backups, leave_an_object_that_is_damaged_when_the_installation_has_lost_it) {
    fill();
    ASSERT_TRUE(make().ok());
    files::remove(world_.data / "objects" / blob_.substr(0, 2) / blob_.substr(2));
    EXPECT_TRUE(make()->lacking.empty()) << "the backup before has it";
    write_file(object(blob_), "half");
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->snapshot.manifest.lacking_blobs, (std::vector<std::string>{blob_}));
    EXPECT_EQ(read_file(object(blob_)), "half");
    const auto checked = check_backup(to_.string(), "", patient);
    ASSERT_TRUE(checked.ok()) << checked.error().message;
    EXPECT_TRUE(checked->good()) << checked->findings.front();
    EXPECT_FALSE(checked->complete());
    EXPECT_TRUE(bring_back(new_home_).ok());
}

TEST_F(Backups, do_not_go_where_the_server_keeps_its_own) {
    fill();
    files::create_directory_symlink(world_.data, elsewhere_.path() / "link");
    for (const auto& place :
         {world_.data / "objects", world_.data / "objects" / "bk", world_.data / "output" / "a" / "b",
          world_.data / "partial" / ".." / "objects" / "bk", elsewhere_.path() / "link" / "objects" / "bk"}) {
        expect_fault(make_backup(settings_of(world_.data), place.string(), 0, patient), Fault::invalid);
        EXPECT_FALSE(files::exists(place / "gyre-backup")) << place;
    }
    EXPECT_TRUE(make_backup(settings_of(world_.data), (world_.data / "objects-of-mine").string(), 0, patient).ok());
}

TEST_F(Backups, are_restored_into_nothing_but_an_empty_directory) {
    fill();
    ASSERT_TRUE(make().ok());
    files::create_directories(new_home_);
    write_file(new_home_ / "holiday.jpg", "sun");
    expect_fault(bring_back(new_home_), Fault::conflict);
    EXPECT_EQ(read_file(new_home_ / "holiday.jpg"), "sun");
    files::remove(new_home_ / "holiday.jpg");
    ASSERT_TRUE(bring_back(new_home_).ok());
    expect_fault(bring_back(new_home_), Fault::conflict);
}

TEST_F(Backups, are_not_restored_among_backups) {
    fill();
    ASSERT_TRUE(make().ok());
    for (const auto& place : {to_, to_ / "objects" / "new", to_ / "x" / ".." / "y"}) {
        expect_fault(bring_back(place), Fault::invalid);
        EXPECT_FALSE(files::exists(place / "gyre.db")) << place;
    }
    ServerSettings settings = settings_of(new_home_);
    settings.objects_dir = (to_ / "objects" / "new").string();
    expect_fault(restore(settings, to_.string(), "", patient), Fault::invalid);
}

TEST_F(Backups, whose_restore_broke_off_at_any_moment_can_be_restored_again) {
    fill();
    ASSERT_TRUE(make().ok());
    for (int last = 1;; ++last) {
        int steps = 0;
        const auto broken = restore(settings_of(new_home_), to_.string(), "", [&](const backup::Progress&) {
            return ++steps == last ? Result<void>(unavailable("killed")) : Result<void>();
        });
        if (broken) break;
        EXPECT_FALSE(files::exists(new_home_ / "gyre.db"));
        EXPECT_LT(last, 100);
    }
    EXPECT_FALSE(restore_is_unfinished(new_home_));
    EXPECT_EQ(*fs::FileOutputStore::open(new_home_).value()->read({running_, 101}, 0, 100), "hello\nworld\n");
}

TEST_F(Backups, of_every_older_schema_are_restored) {
    for (const auto& migration : sql::migrations()) {
        const auto old = elsewhere_.path() / std::to_string(migration.number);
        ServerSettings settings = settings_of(old);
        fs::FileBlobStore::open(old).value();
        {
            const auto database = open_raw_database({}, (old / "gyre.db").string(), RawAccess::write).value();
            auto transaction = RawTransaction::begin(*database, RawAccess::write).value();
            ASSERT_TRUE(sql::migrate(*database, migration.number).ok());
            ASSERT_TRUE(database
                            ->script("INSERT INTO projects (id, slug, remote, default_branch, poll, created_at)"
                                     " VALUES ('p', 'git/p', '/srv/p', 'main', 1, 5)")
                            .ok());
            ASSERT_TRUE(transaction.commit().ok());
        }
        const auto backups = (old / "backups").string();
        const auto made = make_backup(settings, backups, 0, patient);
        ASSERT_TRUE(made.ok()) << made.error().message;
        EXPECT_EQ(made->snapshot.manifest.schema, migration.number);
        const auto home = old / "home";
        const auto restored = restore(settings_of(home), backups, "", patient);
        ASSERT_TRUE(restored.ok()) << migration.number << ": " << restored.error().message;
        const auto database = open_raw_database({}, (home / "gyre.db").string(), RawAccess::read).value();
        EXPECT_EQ(*sql::schema_number(*database), sql::migrations().back().number);
    }
}

TEST_F(Backups, of_a_newer_schema_are_refused) {
    ASSERT_TRUE(make().ok());
    {
        auto directory = backup::Directory::open(to_, backup::Use::write).value();
        auto snapshot = directory.find("").value();
        snapshot.manifest.schema = 999;
        ASSERT_TRUE(directory.remove(snapshot.id).ok());
        ASSERT_TRUE(directory.add(snapshot.manifest).ok());
    }
    const auto refused = bring_back(new_home_);
    expect_fault(refused, Fault::invalid);
    EXPECT_NE(refused.error().message.find("newer"), std::string::npos);
}

TEST_F(Backups, keep_as_many_as_wished_with_what_they_need) {
    fill();
    const auto first = *make();
    const auto gone = backup::put_blob(*world_.blobs, "only in the first two").value();
    ASSERT_TRUE(world_.stores.run_records().add_artifact(running_, {0, "b.txt", gone, 21}).ok());
    ASSERT_TRUE(make().ok());
    ASSERT_TRUE(world_.stores.run_records().add_artifact(running_, {0, "b.txt", blob_, 11}).ok());
    const auto last = make(1);
    ASSERT_TRUE(last.ok()) << last.error().message;
    EXPECT_EQ(last->pruned->snapshots.size(), 2U);
    EXPECT_FALSE(files::exists(to_ / "objects" / gone.substr(0, 2) / gone.substr(2)));
    expect_fault(check_backup(to_.string(), first.snapshot.id, patient), Fault::not_found);
    EXPECT_TRUE(check_backup(to_.string(), "", patient)->good());
    EXPECT_TRUE(bring_back(new_home_).ok());
}

TEST_F(Backups, keep_the_id_of_their_installation_and_mark_what_they_restore) {
    fill();
    ASSERT_TRUE(begin_installation("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->snapshot.manifest.installation, "2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f");
    ASSERT_TRUE(bring_back(new_home_).ok());
    EXPECT_EQ(read_file(new_home_ / "installation"), "2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f\n");
    const auto stores = sqlite::open_sqlite(new_home_ / "gyre.db").value();
    const auto objects = Objects::open(settings_of(new_home_), new_home_.string(), new_home_.string()).value();
    const auto settled = settle_installation(*stores, *objects, new_home_.string());
    EXPECT_TRUE(settled.ok()) << settled.error().message;
}

TEST_F(Backups, forget_the_key_that_servers_had_agreed_upon) {
    ASSERT_TRUE(begin_installation("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    ASSERT_EQ(*world_.stores.installation().agree_on_key("k1"), "k1");
    ASSERT_TRUE(make().ok());
    ASSERT_TRUE(bring_back(new_home_).ok());
    const auto stores = sqlite::open_sqlite(new_home_ / "gyre.db").value();
    EXPECT_EQ((*stores->installation().find())->secrets_key, "");
}

TEST_F(Backups, are_not_made_among_those_of_another_installation) {
    fill();
    ASSERT_TRUE(begin_installation("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    std::string theirs;
    {
        ASSERT_TRUE(make().ok());
        auto directory = backup::Directory::open(to_, backup::Use::write).value();
        auto snapshot = directory.find("").value();
        snapshot.manifest.installation = "00000000-0000-4000-8000-000000000000";
        theirs = directory.add(snapshot.manifest).value();
    }
    const auto refused = make(1);
    expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("choose a directory for each"), std::string::npos);
    expect_fault(check_backup(to_.string(), "", patient), Fault::invalid);
    EXPECT_TRUE(check_backup(to_.string(), theirs, patient)->good());
    ASSERT_TRUE(prune_backups(settings_of(world_.data), to_.string(), 1).ok());
    EXPECT_EQ(backup::Directory::open(to_, backup::Use::read)->list()->snapshots.size(), 2U);
}

TEST_F(Backups, of_a_database_without_an_id_are_not_made_among_those_of_an_installation) {
    fill();
    {
        ASSERT_TRUE(make().ok()) << "those before say nothing";
        auto directory = backup::Directory::open(to_, backup::Use::write).value();
        auto snapshot = directory.find("").value();
        snapshot.manifest.installation = "00000000-0000-4000-8000-000000000000";
        ASSERT_TRUE(directory.add(snapshot.manifest).ok());
    }
    const auto refused = make(1);
    expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("has no id"), std::string::npos) << refused.error().message;
}

TEST_F(Backups, are_not_made_of_a_database_and_the_objects_of_another) {
    fill();
    write_file(world_.data / "installation", "00000000-0000-4000-8000-000000000000\n");
    expect_fault(make(), Fault::conflict);
    files::remove(world_.data / "installation");
    ASSERT_TRUE(begin_installation("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    write_file(world_.data / "installation", "00000000-0000-4000-8000-000000000000\n");
    expect_fault(make(), Fault::conflict);
    files::remove(world_.data / "installation");
    expect_fault(make(), Fault::conflict);
}

TEST_F(Backups, on_a_full_disk_say_so_and_leave_the_ones_before) {
    fill();
    const auto first = make();
    ASSERT_TRUE(first.ok());
    const auto large = backup::put_blob(*world_.blobs, std::string(200'000, 'x')).value();
    ASSERT_TRUE(world_.stores.run_records().add_artifact(running_, {0, "large", large, 200'000}).ok());
    {
        const contract::FullDisk full(100'000);
        const auto refused = make();
        expect_fault(refused, Fault::unavailable);
        EXPECT_NE(refused.error().message.find(to_.string()), std::string::npos) << refused.error().message;
    }
    EXPECT_TRUE(check_backup(to_.string(), "", patient)->good());
    ASSERT_TRUE(make().ok());
    EXPECT_TRUE(check_backup(to_.string(), "", patient)->good());
}

TEST_F(Backups, of_no_installation_are_not_made) {
    expect_fault(make_backup(settings_of(new_home_), to_.string(), 0, patient), Fault::not_found);
    EXPECT_FALSE(files::exists(new_home_));
    EXPECT_FALSE(files::exists(to_));
}

}  // namespace
}  // namespace gyre::apps
