#include "apps/gyre/doctor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/raw_database.h"
#include "backup/pieces.h"
#include "ports/contract/examples.h"
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

TEST_F(Doctors, find_output_that_is_cut_off) {
    const auto workflow = finished();
    StepRecord step{.index = 101, .name = "make"};
    step.status = StepStatus::success;
    step.output_bytes = 100;
    ASSERT_TRUE(world_.stores.run_records().save_steps(contract::attempt_of(workflow, 0), {step}).ok());
    EXPECT_EQ(rules(), (std::set<std::string>{"output-short"}));
}

TEST_F(Doctors, make_private_what_others_could_read) {
    ASSERT_EQ(::chmod((world_.data / "gyre.db").c_str(), 0644), 0);
    EXPECT_EQ(rules(), (std::set<std::string>{"permissions"}));
    EXPECT_EQ(rules(true), std::set<std::string>());
    EXPECT_EQ(rules(), std::set<std::string>());
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

}  // namespace
}  // namespace gyre::apps
