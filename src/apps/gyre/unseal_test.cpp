#include "apps/gyre/unseal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/postgres/bell.h"
#include "adapters/postgres/stores.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/records.h"
#include "output/kept_outputs.h"
#include "output/sealer.h"
#include "ports/contract/examples.h"
#include "ports/contract/postgres_server.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

namespace files = std::filesystem;
using contract::expect_fault;
using contract::PostgresServer;

struct OneInstallation {
    contract::TempFolder folder;
    files::path data = folder.path() / "data";
    std::unique_ptr<fs::FileBlobStore> blobs = fs::FileBlobStore::open(data).value();
    std::unique_ptr<fs::FileOutputStore> outputs = fs::FileOutputStore::open(data).value();
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(data / "gyre.db").value();
    sql::Stores& stores = *owned;
};

class Unsealing : public contract::StoresContract<OneInstallation> {
protected:
    void SetUp() override {
        settings_.data_dir = world_.data.string();
        Workflow workflow = make_workflow({"build"});
        place(workflow, 0, 0);
        claim(workflow, 0, 0);
        finish_attempt(workflow, 0, 0, Succeeded{});
        workflow.jobs[0].tasks[0].status = TaskStatus::finished;
        store(workflow, {0});
        attempt_ = contract::attempt_of(workflow, 0);
        for (int step = 0; step < 24; ++step) write(step, "output " + std::to_string(step) + "\n");
        for (int line = 0; line < 60'000; ++line) large_ += "line " + std::to_string(line) + "\n";
        write(999, large_);
    }
    void write(int step, const std::string& text) {
        EXPECT_TRUE(world_.outputs->append({attempt_, step}, 0, text)->accepted);
    }
    void seal() {
        output::Sealer sealer({*world_.outputs, world_.stores.sealed_outputs(), *world_.blobs}, world_.data.string());
        EXPECT_EQ(sealer.turn([] { return Result<void>(); })->outputs, 25);
        EXPECT_EQ(raw_outputs(), 0);
    }
    int raw_outputs() {
        int count = 0;
        EXPECT_TRUE(world_.outputs->each([&](const OutputName&) { return ++count, Result<void>(); }).ok());
        return count;
    }
    void expect_whole(OutputStore& outputs) {
        for (const int step : {0, 7, 23})
            EXPECT_EQ(*outputs.read({attempt_, step}, 0, 100), "output " + std::to_string(step) + "\n");
        std::string text;
        for (std::string piece = "-"; !piece.empty(); text += piece)
            piece = *outputs.read({attempt_, 999}, std::ssize(text), 1 << 20);
        EXPECT_EQ(text, large_);
    }
    Result<Unsealed> unseal(const backup::Watch& watch = [](const backup::Progress&) { return Result<void>(); }) {
        return unseal_outputs(settings_, watch);
    }
    Result<sql::SchemaStep> go_to(std::optional<int> step) {
        const auto data = DataDirectory::open(settings_.data_dir).value();
        return migrate_records(settings_, data, step);
    }

    ServerSettings settings_;
    AttemptRef attempt_;
    std::string large_;
};

TEST_F(Unsealing, brings_every_byte_back_and_forgets_the_records) {
    seal();
    const auto done = unseal();
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outputs, 25);
    EXPECT_EQ(done->damaged, 0);
    EXPECT_EQ(raw_outputs(), 25);
    expect_whole(*fs::FileOutputStore::open(world_.data).value());
    EXPECT_FALSE(world_.stores.sealed_outputs().find({attempt_, 999})->has_value());
    EXPECT_EQ(unseal()->outputs, 0);
}

TEST_F(Unsealing, comes_before_a_step_back_to_a_version_that_knows_of_none) {
    const int newest = sql::migrations().back().number;
    seal();
    const auto refused = go_to(13);
    expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("25 outputs of steps are sealed"), std::string::npos);
    EXPECT_NE(refused.error().message.find("gyre outputs unseal"), std::string::npos);
    EXPECT_TRUE(go_to(14).ok()) << "which knows of them";
    EXPECT_TRUE(go_to(newest).ok());
    ASSERT_TRUE(unseal().ok());
    EXPECT_TRUE(go_to(13).ok());
    EXPECT_TRUE(go_to(newest).ok());
    expect_whole(*fs::FileOutputStore::open(world_.data).value());
}

TEST_F(Unsealing, that_is_broken_off_leaves_each_output_whole_and_goes_on) {
    seal();
    for (const int limit : {0, 1, 10, 22, 3}) {
        int heard = 0;
        const auto broken_off = unseal([&](const backup::Progress&) -> Result<void> {
            return heard++ == limit ? Result<void>(unavailable("enough")) : Result<void>();
        });
        EXPECT_FALSE(broken_off.ok());
        const auto raw = fs::FileOutputStore::open(world_.data).value();
        output::KeptOutputs kept(*raw, world_.stores.sealed_outputs(), *world_.blobs);
        expect_whole(kept);
    }
    ASSERT_TRUE(unseal().ok());
    expect_whole(*fs::FileOutputStore::open(world_.data).value());
}

TEST_F(Unsealing, leaves_what_is_damaged_and_says_what_it_is) {
    seal();
    const auto sealed = **world_.stores.sealed_outputs().find({attempt_, 999});
    for (const auto& file : files::recursive_directory_iterator(world_.data / "objects")) {
        if (file.path().parent_path().filename().string() + file.path().filename().string() != sealed.blob) continue;
        files::permissions(file.path(), files::perms::owner_all);
        std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(sealed.at + sealed.size / 2);
        bytes.write("damage", 6);
    }
    const auto done = unseal();
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->damaged, 1);
    ASSERT_EQ(done->which.size(), 1U);
    EXPECT_NE(done->which[0].find("step 999"), std::string::npos) << done->which[0];
    EXPECT_TRUE(world_.stores.sealed_outputs().find({attempt_, 999})->has_value());
    EXPECT_EQ(raw_outputs(), 24);
    expect_fault(go_to(13), Fault::conflict);
}

TEST_F(Unsealing, is_refused_where_a_server_runs_or_nothing_is) {
    const auto server = DataDirectory::open(settings_.data_dir);
    ASSERT_TRUE(server.ok());
    EXPECT_FALSE(unseal().ok());
    settings_.data_dir = (world_.folder.path() / "typo").string();
    expect_fault(unseal(), Fault::not_found);
    EXPECT_FALSE(files::exists(settings_.data_dir));
}

// Where PostgreSQL is not installed nothing but SQLite, and the test is skipped.
struct OnPostgres {
    contract::TempFolder folder;
    std::unique_ptr<PostgresServer> server = PostgresServer::present() ? std::make_unique<PostgresServer>() : nullptr;
    postgres::Target target{server ? server->new_database() : "", "the test's database"};
    std::unique_ptr<fs::FileBlobStore> blobs = fs::FileBlobStore::open(folder.path()).value();
    std::unique_ptr<fs::FileOutputStore> outputs = fs::FileOutputStore::open(folder.path()).value();
    std::unique_ptr<sql::Stores> owned =
        server ? postgres::open_postgres(target).value() : sqlite::open_sqlite(folder.path() / "unused.db").value();
    sql::Stores& stores = *owned;
};

class UnsealingOfPostgres : public contract::StoresContract<OnPostgres> {};

TEST_F(UnsealingOfPostgres, waits_for_all_servers_to_be_gone_and_lets_the_schema_go_back) {
    if (!world_.server) GTEST_SKIP() << "needs initdb: install the package postgresql";
    ServerSettings settings;
    settings.data_dir = world_.folder.path().string();
    settings.database = world_.target.connection;
    Workflow workflow = make_workflow({"build"});
    place(workflow, 0, 0);
    finish_attempt(workflow, 0, 0, Succeeded{});
    workflow.jobs[0].tasks[0].status = TaskStatus::finished;
    store(workflow, {0});
    const auto attempt = contract::attempt_of(workflow, 0);
    for (int step = 0; step < 30; ++step)
        EXPECT_TRUE(world_.outputs->append({attempt, step}, 0, "output " + std::to_string(step))->accepted);
    output::Sealer sealer({*world_.outputs, world_.stores.sealed_outputs(), *world_.blobs}, settings.data_dir);
    EXPECT_EQ(sealer.turn([] { return Result<void>(); })->outputs, 30);
    const auto unseal = [&] {
        return unseal_outputs(settings, [](const backup::Progress&) { return Result<void>(); });
    };
    {
        const auto server = postgres::Bell::open(world_.target, {.server = "north", .hear = [](std::string_view) {}});
        ASSERT_TRUE(server.ok()) << server.error().message;
        const auto refused = unseal();
        expect_fault(refused, Fault::conflict);
        EXPECT_NE(refused.error().message.find("stop all of them first"), std::string::npos);
    }
    // Its session ends a moment after it.
    const auto database = postgres::Database::open(world_.target).value();
    const auto is_gone = [&] {
        EXPECT_TRUE(database->script("BEGIN").ok());
        const bool gone = *postgres::Bell::nobody_listens(*database);
        EXPECT_TRUE(database->script("ROLLBACK").ok());
        return gone;
    };
    while (!is_gone()) std::this_thread::yield();
    const auto sealed = postgres::Connections::migrate(world_.target, 13);
    expect_fault(sealed, Fault::conflict);
    EXPECT_NE(sealed.error().message.find("gyre outputs unseal"), std::string::npos) << sealed.error().message;
    while (!is_gone()) std::this_thread::yield();
    const auto done = unseal();
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outputs, 30);
    EXPECT_EQ(*world_.outputs->read({attempt, 29}, 0, 100), "output 29");
    EXPECT_TRUE(postgres::Connections::migrate(world_.target, 13).ok());
}

}  // namespace
}  // namespace gyre::apps
