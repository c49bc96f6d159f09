#include "apps/gyre/doctor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/postgres/bell.h"
#include "adapters/postgres/stores.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/examine_objects.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/secret_keys.h"
#include "backup/pieces.h"
#include "base/digest.h"
#include "model/chunk_list.h"
#include "output/sealer.h"
#include "ports/contract/examples.h"
#include "ports/contract/postgres_server.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

namespace files = std::filesystem;
using contract::expect_fault;

struct OneInstallation {
    contract::TempFolder folder;
    files::path data = folder.path() / "data";
    std::unique_ptr<fs::FileBlobStore> blobs = fs::FileBlobStore::open(data).value();
    std::unique_ptr<fs::FileOutputStore> outputs = fs::FileOutputStore::open(data).value();
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(data / "gyre.db").value();
    sql::Stores& stores = *owned;
};

class Doctors : public contract::StoresContract<OneInstallation> {
protected:
    // The rules that findings break, each once; the small disk of a test machine does not count.
    std::set<std::string> rules(bool repair = false) {
        ServerSettings settings;
        settings.data_dir = world_.data.string();
        const auto examined =
            examine_installation(settings, repair, [](const backup::Progress&) { return Result<void>(); });
        EXPECT_TRUE(examined.ok()) << examined.error().message;
        std::set<std::string> found;
        for (const auto& finding : examined.ok() ? examined->findings : std::vector<Diagnosis>()) {
            if (finding.rule != "disk-full" && (!repair || finding.repaired.empty())) found.insert(finding.rule);
        }
        return found;
    }
    // What the doctor says under one rule.
    std::vector<std::string> sentences(const std::string& rule) {
        ServerSettings settings;
        settings.data_dir = world_.data.string();
        const auto examined =
            examine_installation(settings, false, [](const backup::Progress&) { return Result<void>(); });
        EXPECT_TRUE(examined.ok()) << examined.error().message;
        std::vector<std::string> found;
        for (const auto& finding : examined.ok() ? examined->findings : std::vector<Diagnosis>()) {
            if (finding.rule == rule) found.push_back(finding.sentence);
        }
        return found;
    }
    files::path object(const std::string& name) const {
        return world_.data / "objects" / name.substr(0, 2) / name.substr(2);
    }
    std::string store_list(const std::vector<std::string>& chunks) {
        ChunkList list;
        for (const auto& chunk : chunks)
            list.push_back({backup::put_blob(*world_.blobs, chunk).value(), std::ssize(chunk), std::ssize(chunk)});
        return backup::put_blob(*world_.blobs, write_chunk_list(list)).value();
    }
    // The outputs of these steps of the first task, sealed into one blob, whose name is answered.
    std::string seal(const Workflow& workflow, const std::vector<std::string>& outputs) {
        const auto attempt = contract::attempt_of(workflow, 0);
        std::vector<StepRecord> steps;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            StepRecord step{.index = static_cast<int>(i), .name = "make"};
            step.status = StepStatus::success;
            step.output_bytes = std::ssize(outputs[i]);
            EXPECT_TRUE(world_.outputs->append({attempt, step.index}, 0, outputs[i])->accepted);
            steps.push_back(step);
        }
        EXPECT_TRUE(world_.stores.run_records().save_steps(attempt, steps).ok());
        output::Sealer sealer({*world_.outputs, world_.stores.sealed_outputs(), *world_.blobs}, world_.folder.path());
        const auto sealed = sealer.turn([] { return Result<void>(); });
        EXPECT_TRUE(sealed.ok()) << sealed.error().message;
        EXPECT_EQ(sealed->outputs, std::ssize(outputs));
        return world_.stores.sealed_outputs().find({attempt, 0}).value()->blob;
    }
    void break_rows(const std::string& sql) {
        const auto database = open_raw_database({}, (world_.data / "gyre.db").string(), RawAccess::write).value();
        ASSERT_TRUE(database->script("PRAGMA ignore_check_constraints = ON; " + sql).ok());
    }
    // A job of two tasks, both of which succeeded.
    Workflow finished() {
        Workflow workflow = make_workflow({"build"});
        for (int task = 0; task < 2; ++task) {
            place(workflow, 0, task);
            claim(workflow, 0, task);
            workflow.jobs[0].tasks[static_cast<std::size_t>(task)].attempts[0].token_hash[0] = task == 0 ? 'a' : 'b';
            finish_attempt(workflow, 0, task, Succeeded{});
            workflow.jobs[0].tasks[static_cast<std::size_t>(task)].status = TaskStatus::finished;
        }
        workflow.jobs[0].status = JobStatus::success;
        workflow.jobs[0].started_at = contract::at(200);
        workflow.jobs[0].stopped_at = contract::at(400);
        end(workflow, WorkflowStatus::success);
        EXPECT_EQ(store(workflow, {0}), Committed::stored);
        return workflow;
    }
};

TEST_F(Doctors, find_nothing_where_nothing_is_wrong) {
    finished();
    EXPECT_EQ(rules(), std::set<std::string>());
}

TEST_F(Doctors, find_nothing_wrong_with_keys_of_people) {
    const SshKey key{.type = "ssh-ed25519", .blob = "AAAAC3Nz", .comment = {}, .fingerprint = "SHA256:one"};
    ASSERT_TRUE(world_.stores.ssh_store().add_key({"ann", key, contract::at(1)}).ok());
    EXPECT_EQ(rules(), std::set<std::string>());
}

TEST_F(Doctors, repair_a_status_that_its_jobs_do_not_say) {
    const auto workflow = finished();
    break_rows("UPDATE workflows SET status = 'running', stopped_at = NULL");
    EXPECT_TRUE(rules().contains("status-is-fold"));
    EXPECT_EQ(rules(true), std::set<std::string>());
    EXPECT_EQ(rules(), std::set<std::string>());
    EXPECT_EQ(load(workflow.id).status, WorkflowStatus::success);
}

TEST_F(Doctors, end_what_runs_though_all_is_over) {
    finished();
    break_rows("UPDATE attempts SET state = 'running', outcome_json = NULL, stopped_at = NULL WHERE task_index = 1");
    EXPECT_TRUE(rules().contains("attempt-of-ended-task"));
    rules(true);
    EXPECT_FALSE(rules().contains("attempt-of-ended-task"));
}

TEST_F(Doctors, forget_caches_that_are_damaged_and_tell_of_artifacts_that_are_gone) {
    const auto workflow = finished();
    const auto cache = backup::put_blob(*world_.blobs, "a cache").value();
    const auto artifact = backup::put_blob(*world_.blobs, "an artifact").value();
    ASSERT_TRUE(world_.stores.keepsakes().add_cache(workflow.project, {"k", cache, 7, contract::at(1)}).ok());
    ASSERT_TRUE(
        world_.stores.run_records().add_artifact(contract::attempt_of(workflow, 0), {0, "a", artifact, 11}).ok());
    EXPECT_EQ(rules(), std::set<std::string>());
    std::ofstream(world_.data / "objects" / cache.substr(0, 2) / cache.substr(2)) << "a cachE";
    files::remove(world_.data / "objects" / artifact.substr(0, 2) / artifact.substr(2));
    EXPECT_EQ(rules(), (std::set<std::string>{"object-damaged", "object-missing"}));
    EXPECT_EQ(rules(true), (std::set<std::string>{"object-missing"}));
    EXPECT_FALSE(world_.stores.keepsakes().find_cache(workflow.project, {"k"})->has_value());
    EXPECT_TRUE(files::exists(world_.data / "damaged" / cache));
}

TEST_F(Doctors, forget_a_cache_one_chunk_of_which_is_lost_or_damaged) {
    const auto workflow = finished();
    for (const bool damaged : {false, true}) {
        const auto list = store_list({"shared", damaged ? "one" : "two"});
        const auto whole = store_list({"shared"});
        ASSERT_TRUE(world_.stores.keepsakes().add_cache(workflow.project, {"bad", list, 9, contract::at(1)}).ok());
        ASSERT_TRUE(world_.stores.keepsakes().add_cache(workflow.project, {"good", whole, 6, contract::at(1)}).ok());
        ASSERT_EQ(rules(), std::set<std::string>());
        const auto chunk = sha256_hex(damaged ? "one" : "two");
        if (damaged)
            std::ofstream(object(chunk)) << "eno";
        else
            files::remove(object(chunk));
        const auto rule = damaged ? "object-damaged" : "object-missing";
        EXPECT_EQ(rules(), (std::set<std::string>{rule}));
        ASSERT_EQ(sentences(rule).size(), 1U);
        EXPECT_NE(sentences(rule)[0].find("cache 'bad' of project " + workflow.project.text), std::string::npos)
            << sentences(rule)[0];
        EXPECT_EQ(rules(true), std::set<std::string>());
        EXPECT_EQ(rules(), std::set<std::string>());
        EXPECT_FALSE(world_.stores.keepsakes().find_cache(workflow.project, {"bad"})->has_value());
        EXPECT_TRUE(world_.stores.keepsakes().find_cache(workflow.project, {"good"})->has_value());
        EXPECT_EQ(files::exists(world_.data / "damaged" / chunk), damaged) << "jobs must be able to store it again";
    }
}

TEST_F(Doctors, tell_of_a_workspace_one_chunk_of_which_is_lost) {
    const auto workflow = finished();
    const auto list = store_list({"kept", "lost"});
    ASSERT_TRUE(world_.stores.keepsakes()
                    .add_layer(workflow.id, contract::attempt_of(workflow, 0),
                               {.job = workflow.jobs[0].id, .job_name = "build", .blob = list, .size = 8})
                    .ok());
    ASSERT_EQ(rules(), std::set<std::string>());
    files::remove(object(sha256_hex("lost")));
    ASSERT_EQ(sentences("object-missing").size(), 1U);
    EXPECT_NE(sentences("object-missing")[0].find("workspace layer 'build' of job"), std::string::npos);
    EXPECT_EQ(rules(true), (std::set<std::string>{"object-missing"})) << "nobody can bring it back";
}

TEST_F(Doctors, look_for_no_chunks_in_artifacts) {
    const auto workflow = finished();
    const auto text = write_chunk_list({{sha256_hex("never stored"), 5, 5}});
    const auto artifact = backup::put_blob(*world_.blobs, text).value();
    ASSERT_TRUE(world_.stores.run_records()
                    .add_artifact(contract::attempt_of(workflow, 0), {0, "list", artifact, std::ssize(text)})
                    .ok());
    EXPECT_EQ(rules(), std::set<std::string>());
}

TEST_F(Doctors, leave_a_damaged_pack_of_outputs_where_it_is_and_tell_which_are_damaged) {
    const auto workflow = finished();
    const auto pack = seal(workflow, {"the first\n", "the second\n", "the third\n"});
    ASSERT_EQ(rules(), std::set<std::string>());
    const auto second = world_.stores.sealed_outputs().find({contract::attempt_of(workflow, 0), 1}).value();
    std::fstream file(object(pack), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(second->at + 12);
    file << "###";
    file.close();
    for (const bool repair : {false, true, false}) {
        EXPECT_EQ(rules(repair), (std::set<std::string>{"object-damaged", "output-damaged"}));
        EXPECT_TRUE(files::exists(object(pack)));
    }
    ASSERT_EQ(sentences("output-damaged").size(), 1U);
    EXPECT_NE(sentences("output-damaged")[0].find("step 1 of"), std::string::npos) << sentences("output-damaged")[0];
}

TEST_F(Doctors, tell_which_outputs_were_in_a_pack_that_is_lost) {
    const auto pack = seal(finished(), {"the first\n", "the second\n"});
    files::remove(object(pack));
    EXPECT_EQ(rules(), (std::set<std::string>{"object-missing", "output-damaged"}));
    EXPECT_EQ(sentences("output-damaged").size(), 2U);
}

// Seals an output between two looks.
class SealsMeanwhile final : public OutputStore {
public:
    SealsMeanwhile(OutputStore& raw, std::function<void()> seal) : raw_(raw), seal_(std::move(seal)) {}
    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override {
        return raw_.append(name, offset, bytes);
    }
    Result<std::int64_t> length(const OutputName& name) override {
        if (seal_) std::exchange(seal_, nullptr)();
        return raw_.length(name);
    }
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override {
        return raw_.read(name, offset, bytes);
    }

private:
    OutputStore& raw_;
    std::function<void()> seal_;
};

TEST_F(Doctors, are_not_alarmed_by_what_a_server_seals_while_they_look) {
    const auto workflow = finished();
    const auto attempt = contract::attempt_of(workflow, 0);
    StepRecord step{.index = 0, .name = "make"};
    step.status = StepStatus::success;
    step.output_bytes = 6;
    ASSERT_TRUE(world_.stores.run_records().save_steps(attempt, {step}).ok());
    ASSERT_TRUE(world_.outputs->append({attempt, 0}, 0, "hello\n")->accepted);
    SealsMeanwhile raw(*world_.outputs, [&] {
        output::Sealer sealer({*world_.outputs, world_.stores.sealed_outputs(), *world_.blobs}, world_.folder.path());
        EXPECT_EQ(sealer.turn([] { return Result<void>(); })->outputs, 1);
    });
    const auto database = open_raw_database({}, (world_.data / "gyre.db").string(), RawAccess::read).value();
    const auto found = examine_outputs(*database, raw);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_TRUE(found->empty()) << found->front().sentence;
}

// Lets something happen when an object is opened first.
class ChangesMeanwhile final : public BlobStore {
public:
    ChangesMeanwhile(BlobStore& blobs, std::function<void()> change) : blobs_(blobs), change_(std::move(change)) {}
    Result<bool> exists(const std::string& sha256) override { return blobs_.exists(sha256); }
    Result<std::int64_t> partial_length(const std::string& sha256) override { return blobs_.partial_length(sha256); }
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override {
        return blobs_.append(sha256, offset, total, bytes);
    }
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override {
        if (change_) std::exchange(change_, nullptr)();
        return blobs_.open(sha256, from);
    }

private:
    BlobStore& blobs_;
    std::function<void()> change_;
};

TEST_F(Doctors, are_not_alarmed_by_a_cache_that_is_dropped_and_swept_while_they_look) {
    const auto workflow = finished();
    const auto list = store_list({"one", "two"});
    ASSERT_TRUE(world_.stores.keepsakes().add_cache(workflow.project, {"k", list, 6, contract::at(1)}).ok());
    ChangesMeanwhile blobs(*world_.blobs, [&] {
        break_rows("DELETE FROM caches");
        for (const auto& name : {list, sha256_hex("one"), sha256_hex("two")}) files::remove(object(name));
    });
    const auto database = open_raw_database({}, (world_.data / "gyre.db").string(), RawAccess::read).value();
    const backup::Watch watch = [](const backup::Progress&) { return Result<void>(); };
    const auto seen = examine_objects(*database, blobs, watch);
    ASSERT_TRUE(seen.ok()) << seen.error().message;
    EXPECT_TRUE(seen->bad.empty());
}

TEST_F(Doctors, find_output_that_is_cut_off) {
    const auto workflow = finished();
    StepRecord step{.index = 101, .name = "make"};
    step.status = StepStatus::success;
    step.output_bytes = 100;
    ASSERT_TRUE(world_.stores.run_records().save_steps(contract::attempt_of(workflow, 0), {step}).ok());
    EXPECT_EQ(rules(), (std::set<std::string>{"output-short"}));
}

TEST_F(Doctors, make_private_what_others_could_read) {
    std::ofstream(world_.data / "secrets.key") << "a key";
    for (const char* name : {"gyre.db", "secrets.key"}) {
        for (const char* both : {"gyre.db", "secrets.key"}) ASSERT_EQ(::chmod((world_.data / both).c_str(), 0600), 0);
        ASSERT_EQ(::chmod((world_.data / name).c_str(), 0644), 0);
        EXPECT_EQ(rules(), (std::set<std::string>{"permissions"})) << name;
        EXPECT_EQ(rules(true), std::set<std::string>()) << name;
        EXPECT_EQ(rules(), std::set<std::string>()) << name;
    }
}

TEST_F(Doctors, do_not_repair_under_a_running_server) {
    const auto running = DataDirectory::open(world_.data.string());
    ASSERT_TRUE(running.ok());
    ServerSettings settings;
    settings.data_dir = world_.data.string();
    const auto watch = [](const backup::Progress&) { return Result<void>(); };
    expect_fault(examine_installation(settings, true, watch), Fault::conflict);
    EXPECT_TRUE(examine_installation(settings, false, watch)->running);
}

TEST_F(Doctors, leave_a_lock_that_the_server_can_hold) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: who else may give files away?";
    ASSERT_EQ(::chown(world_.data.c_str(), 4711, 4712), 0);
    files::remove(world_.data / "lock");
    ASSERT_TRUE(rules(true).empty());
    struct stat facts {};
    ASSERT_EQ(::stat((world_.data / "lock").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, 4711U);
    EXPECT_EQ(facts.st_gid, 4712U);
}

TEST_F(Doctors, tell_of_a_database_that_is_damaged) {
    finished();
    world_.owned.reset();
    std::fstream file(world_.data / "gyre.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 3 + 100);
    file << std::string(4096, 'x');
    file.close();
    ServerSettings settings;
    settings.data_dir = world_.data.string();
    const auto examined = examine_installation(settings, false, [](const backup::Progress&) { return Result<void>(); });
    EXPECT_FALSE(examined.ok() && examined->clean());
}

TEST_F(Doctors, tell_of_a_key_that_secrets_are_sealed_with_and_that_is_gone) {
    const std::string key_file = (world_.data / "secrets.key").string();
    ASSERT_TRUE(add_secrets_key(key_file).ok());
    {
        ServerSettings settings;
        const auto data = DataDirectory::open(world_.data.string()).value();
        ASSERT_TRUE(world_.stores.project_store().add({.id = {"shop"}, .slug = "git/other"}).ok());
        const auto vault = open_vault(settings, data, world_.stores.secret_store());
        ASSERT_TRUE(vault.ok()) << vault.error().message;
        ASSERT_TRUE((*vault)->put({SecretKind::project_variable, "shop", "TOKEN"}, "hunter2", {}).ok());
    }
    EXPECT_EQ(rules(), std::set<std::string>());
    files::remove(key_file);
    EXPECT_EQ(rules(), std::set<std::string>{"secret-key"});
    ASSERT_TRUE(add_secrets_key(key_file).ok());
    const auto told = sentences("secret-key");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find("does not hold the key"), std::string::npos) << told[0];
    EXPECT_EQ(rules(true), std::set<std::string>{"secret-key"}) << "nobody can mend that";
}

TEST_F(Doctors, take_nothing_for_lost_among_the_objects_of_another_installation) {
    const auto workflow = finished();
    ASSERT_TRUE(world_.stores.keepsakes()
                    .add_cache(workflow.project, {"deps-1", store_list({"one", "two"}), 6, contract::at(1)})
                    .ok());
    ASSERT_TRUE(world_.stores.installation().begin("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    ASSERT_TRUE(world_.stores.installation().note_objects().ok());
    std::ofstream(world_.data / "installation") << "00000000-0000-4000-8000-000000000000\n";
    files::remove_all(world_.data / "objects");
    EXPECT_EQ(rules(), std::set<std::string>{"installation"});
    ServerSettings settings;
    settings.data_dir = world_.data.string();
    const auto watch = [](const backup::Progress&) { return Result<void>(); };
    expect_fault(examine_installation(settings, true, watch), Fault::conflict);
    EXPECT_FALSE(examine_installation(settings, false, watch)->repair_would_help());
}

TEST_F(Doctors, tell_of_a_restore_that_did_not_end_before_there_is_a_database) {
    world_.owned.reset();
    for (const char* part : {"gyre.db", "gyre.db-wal", "gyre.db-shm"}) files::remove(world_.data / part);
    files::create_directory(world_.data / "restoring");
    EXPECT_EQ(rules(), std::set<std::string>{"restore-unfinished"});
}

TEST_F(Doctors, do_not_recommend_a_server_for_a_database_that_is_empty) {
    world_.owned.reset();
    for (const char* part : {"gyre.db", "gyre.db-wal", "gyre.db-shm"}) files::remove(world_.data / part);
    std::ofstream(world_.data / "gyre.db");
    const auto told = sentences("schema");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find("is empty"), std::string::npos) << told[0];
    EXPECT_NE(told[0].find("restore a backup"), std::string::npos) << told[0];
    EXPECT_EQ(told[0].find("brings it forward"), std::string::npos) << told[0];
}

TEST_F(Doctors, know_what_a_repair_may_help) {
    ServerSettings settings;
    settings.data_dir = world_.data.string();
    const auto helps = [&] {
        const auto examined =
            examine_installation(settings, false, [](const backup::Progress&) { return Result<void>(); });
        EXPECT_FALSE(examined->clean());
        return examined->repair_would_help();
    };
    finished();
    break_rows("UPDATE workflows SET status = 'running', stopped_at = NULL");
    EXPECT_TRUE(helps());
    EXPECT_EQ(rules(true), std::set<std::string>());
    break_rows("PRAGMA foreign_keys = OFF; DELETE FROM projects");
    EXPECT_FALSE(helps());
}

TEST_F(Doctors, keep_a_server_from_starting_while_they_repair) {
    seal(finished(), {"hello\n"});
    files::remove(world_.data / "lock");
    ServerSettings settings;
    settings.data_dir = world_.data.string();
    int heard = 0;
    const auto watch = [&](const backup::Progress&) {
        ++heard;
        EXPECT_TRUE(DataDirectory::is_held(settings.data_dir));
        return Result<void>();
    };
    ASSERT_TRUE(examine_installation(settings, true, watch).ok());
    EXPECT_GT(heard, 0);
    EXPECT_FALSE(DataDirectory::is_held(settings.data_dir));
}

TEST(DoctorsOfPostgres, repair_nothing_while_a_server_of_another_machine_uses_the_database) {
    if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
    contract::PostgresServer postgres;
    const postgres::Target target{postgres.new_database(), "the test's database"};
    ASSERT_TRUE(postgres::open_postgres(target).ok());
    contract::TempFolder folder;
    ServerSettings settings;
    settings.data_dir = folder.path().string();
    settings.database = target.connection;
    const auto look = [&](bool repair) {
        return examine_installation(settings, repair, [](const backup::Progress&) { return Result<void>(); });
    };
    ASSERT_TRUE(look(true).ok());
    const auto server = postgres::Bell::open(target, {.server = "north", .hear = [](std::string_view) {}});
    ASSERT_TRUE(server.ok()) << server.error().message;
    const auto refused = look(true);
    expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("stop all of them first"), std::string::npos);
    EXPECT_TRUE(look(false).ok()) << "which only looks";
}

}  // namespace
}  // namespace gyre::apps
