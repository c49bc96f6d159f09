#include "backup/create.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "adapters/memory/stores.h"
#include "backup/outputs.h"
#include "base/digest.h"
#include "model/chunk_list.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::backup {
namespace {

using contract::expect_fault;

// An installation with one table of artifacts and one of steps, and a directory of backups.
class Snapshots : public testing::Test {
protected:
    std::string add_blob(const std::string& bytes) {
        auto name = *put_blob(installation_.blob_store(), bytes);
        artifacts_.push_back({"job", "path", name});
        return name;
    }
    std::string add_cache(const ChunkList& chunks) {
        auto name = *put_blob(installation_.blob_store(), write_chunk_list(chunks));
        caches_.push_back({"key", name});
        return name;
    }
    void print(const std::string& job, int step, const std::string& text, bool ended = true) {
        const OutputName name{{JobId(job), 0, 1}, step};
        const auto length = *installation_.output_store().length(name);
        EXPECT_TRUE(installation_.output_store().append(name, length, text)->accepted);
        std::erase_if(steps_,
                      [&](const json::array& row) { return row[0].get_string() == job && row[3].get_int64() == step; });
        steps_.push_back({job, 0, 1, step, length + std::ssize(text), ended ? "success" : "running"});
        std::sort(steps_.begin(), steps_.end(), [](const json::array& a, const json::array& b) {
            return std::pair(std::string(a[0].get_string()), a[3].get_int64()) <
                   std::pair(std::string(b[0].get_string()), b[3].get_int64());
        });
    }
    Result<Snapshot> make(const Watch& watch = [](const Progress&) { return Result<void>(); }) {
        SnapshotWriter writer(directory_, store(), watch);
        writer.begin({.schema = 3, .database = "sqlite"});
        GYRE_TRY(writer.begin_table("artifacts", {"job_id", "path", "blob"}));
        for (const auto& row : artifacts_) GYRE_TRY(writer.add_row(row));
        GYRE_TRY(writer.begin_table("caches", {"key", "blob"}));
        for (const auto& row : caches_) GYRE_TRY(writer.add_row(row));
        GYRE_TRY(
            writer.begin_table("steps", {"job_id", "task_index", "attempt", "step_index", "output_bytes", "status"}));
        for (const auto& row : steps_) GYRE_TRY(writer.add_row(row));
        GYRE_TRY(writer.begin_table("sealed_outputs",
                                    {"job_id", "task_index", "attempt", "step_index", "blob", "output_bytes"}));
        for (const auto& row : sealed_) GYRE_TRY(writer.add_row(row));
        GYRE_TRY(writer.end_tables());
        GYRE_TRY(writer.add_objects(installation_.blob_store(), installation_.output_store()));
        return writer.finish(contract::at(++made_), "1.2.3");
    }
    // What was put back of it: blobs by name, and outputs.
    memory::MemoryStores& restored(const Snapshot& snapshot) {
        restored_ = std::make_unique<memory::MemoryStores>();
        const auto done = put_back(store(), snapshot.manifest, restored_->blob_store(), restored_->output_store(),
                                   [](const Progress&) { return Result<void>(); });
        EXPECT_TRUE(done.ok()) << done.error().message;
        return *restored_;
    }
    std::string output(memory::MemoryStores& from, const std::string& job, int step) {
        return *from.output_store().read({{JobId(job), 0, 1}, step}, 0, 100 << 20);
    }
    std::vector<std::string> findings(const Snapshot& snapshot) {
        Names names;
        EXPECT_TRUE(add_objects(store(), snapshot.manifest, names).ok());
        std::vector<std::string> missing;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!read_to_end(store(), names.at(i))) missing.push_back(names.at(i));
        }
        return missing;
    }
    // In memory; the directory has the manifests only.
    BlobStore& store() { return backups_.blob_store(); }

    contract::TempFolder folder_;
    Directory directory_ = Directory::open(folder_.path() / "backups", Use::write).value();
    memory::MemoryStores installation_;
    memory::MemoryStores backups_;
    std::unique_ptr<memory::MemoryStores> restored_;
    std::vector<json::array> artifacts_;
    std::vector<json::array> caches_;
    std::vector<json::array> steps_;
    std::vector<json::array> sealed_;
    int made_ = 0;
};

TEST_F(Snapshots, hold_rows_blobs_and_outputs) {
    const auto blob = add_blob("an artifact");
    const auto empty = add_blob("");
    print("job-a", 0, "hello\n");
    print("job-a", 1, std::string(9 << 20, 'x') + "end");
    print("job-b", 0, "more\n", false);
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->manifest.rows(), 5);
    EXPECT_EQ(made->manifest.blobs.lines, 2);
    EXPECT_EQ(made->manifest.blob_bytes, 11);
    EXPECT_EQ(made->manifest.outputs.lines, 3);
    auto& back = restored(*made);
    EXPECT_EQ(*back.blob_store().open(blob, 0).value()->read(100), "an artifact");
    EXPECT_TRUE(*back.blob_store().exists(empty));
    EXPECT_EQ(output(back, "job-a", 0), "hello\n");
    EXPECT_EQ(output(back, "job-a", 1), std::string(9 << 20, 'x') + "end");
    EXPECT_EQ(output(back, "job-b", 0), "more\n");
}

TEST_F(Snapshots, read_no_output_again_that_is_packed_and_ended) {
    print("job-a", 0, "first\n");
    print("job-b", 0, "begun\n", false);
    ASSERT_TRUE(make().ok());
    print("job-b", 0, "ended\n");
    print("job-c", 0, "new\n");
    const auto reads = installation_.trouble().calls("output_store.read");
    const auto second = make();
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(installation_.trouble().calls("output_store.read") - reads, 4) << "two outputs, each to its end";
    auto& back = restored(*second);
    EXPECT_EQ(output(back, "job-a", 0), "first\n");
    EXPECT_EQ(output(back, "job-b", 0), "begun\nended\n");
    EXPECT_EQ(output(back, "job-c", 0), "new\n");
}

TEST_F(Snapshots, hold_the_blobs_of_sealed_outputs_and_do_not_pack_them) {
    print("job-a", 0, "sealed\n");
    print("job-a", 1, "not yet\n");
    const auto blob = *put_blob(installation_.blob_store(), "the sealed form");
    sealed_.push_back({"job-a", 0, 1, 0, blob, 7});
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->manifest.outputs.lines, 1);
    EXPECT_EQ(made->manifest.blobs.lines, 1);
    auto& back = restored(*made);
    EXPECT_TRUE(*back.blob_store().exists(blob));
    EXPECT_EQ(output(back, "job-a", 0), "");
    EXPECT_EQ(output(back, "job-a", 1), "not yet\n");
}

TEST_F(Snapshots, pack_outputs_that_were_sealed_too_early) {
    const auto blob = *put_blob(installation_.blob_store(), "the sealed form");
    for (const char* job : {"job-a", "job-b", "job-c"}) print(job, 0, "all of it\n");
    sealed_.push_back({"job-a", 0, 1, 0, blob, 10});
    sealed_.push_back({"job-a", 0, 1, 7, blob, 10});  // of a step that no row tells of
    sealed_.push_back({"job-b", 0, 1, 0, blob, 3});
    sealed_.push_back({"job-c", 0, 1, 0, blob, 10});
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->manifest.outputs.lines, 1);
    EXPECT_EQ(output(restored(*made), "job-b", 0), "all of it\n");
}

TEST_F(Snapshots, hold_the_chunks_that_lists_name) {
    const auto chunk = *put_blob(installation_.blob_store(), "chunk");
    const auto shared = add_blob("named by a row, too");
    add_cache({{chunk, 5, 5}, {shared, 19, 19}, {chunk, 5, 5}});
    const auto snapshot = make();
    ASSERT_TRUE(snapshot.ok());
    EXPECT_EQ(3, snapshot->manifest.blobs.lines);
    EXPECT_EQ(0, snapshot->manifest.lacking);
    EXPECT_TRUE(*store().exists(chunk));
    Names needed;
    EXPECT_TRUE(add_objects(store(), snapshot->manifest, needed).ok());
    EXPECT_TRUE(needed.contains(chunk)) << "a pruning keeps it";
}

TEST_F(Snapshots, take_an_artifact_for_bytes_however_it_begins) {
    add_blob(write_chunk_list({{sha256_hex("never stored"), 5, 5}}));
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->manifest.lacking, 0);
    EXPECT_EQ(made->manifest.blobs.lines, 1);
}

TEST_F(Snapshots, replace_the_list_of_a_cache_that_was_damaged_while_the_installation_has_it) {
    const auto chunk = *put_blob(installation_.blob_store(), "chunk");
    const auto list = add_cache({{chunk, 5, 5}});
    ASSERT_TRUE(make().ok());
    backups_.blob_store().spoil(list);
    const auto second = make();
    ASSERT_TRUE(second.ok()) << second.error().message;
    EXPECT_EQ(second->manifest.lacking, 0);
    EXPECT_TRUE(findings(*second).empty());

    backups_.blob_store().spoil(list);
    installation_.blob_store().spoil(list);
    const auto third = make();
    ASSERT_TRUE(third.ok()) << third.error().message;
    EXPECT_EQ(third->manifest.lacking_blobs, (std::vector<std::string>{list}));
}

TEST_F(Snapshots, count_what_the_installation_lacks) {
    const auto gone = sha256_hex("gone");
    artifacts_.push_back({"job", "path", gone});
    const auto damaged = add_blob("damaged");
    installation_.blob_store().spoil(damaged);
    add_blob("whole");
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->manifest.lacking, 2);
    EXPECT_EQ(made->manifest.blobs.lines, 1);
    EXPECT_EQ((std::set<std::string>(made->manifest.lacking_blobs.begin(), made->manifest.lacking_blobs.end())),
              (std::set<std::string>{gone, damaged}));
    restored(*made);
}

TEST_F(Snapshots, that_break_off_are_not_there_and_the_next_one_goes_on) {
    for (int i = 0; i < 5; ++i) add_blob("artifact " + std::to_string(i));
    print("job-a", 0, "hello\n");
    int steps = 0;
    const auto broken = make([&](const Progress& progress) -> Result<void> {
        return progress.part == "objects" && ++steps == 3 ? unavailable("killed") : Result<void>();
    });
    expect_fault(broken, Fault::unavailable);
    EXPECT_TRUE(directory_.list()->snapshots.empty());
    const auto made = make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE(findings(*made).empty());
}

TEST_F(Snapshots, survive_any_call_that_fails) {
    add_blob("an artifact");
    print("job-a", 0, "hello\n");
    for (int nth = 1; nth < 40; ++nth) {
        backups_.trouble().on("*", nth, memory::Mishap::fails);
        const auto made = make();
        backups_.trouble().calm();
        const auto listed = *directory_.list();
        for (const auto& snapshot : listed.snapshots) EXPECT_TRUE(findings(snapshot).empty()) << nth;
        if (!made.ok()) continue;
        EXPECT_EQ(output(restored(*made), "job-a", 0), "hello\n");
    }
}

// Snapshots of nothing, of which some lack something: what stays of them, by the number of each.
class Pruning : public testing::Test {
protected:
    void add(const std::string& installation, std::int64_t lacking = 0) {
        Manifest manifest;
        manifest.made_at = contract::at(++made_);
        manifest.schema = 1;
        manifest.installation = installation;
        manifest.lacking = lacking;
        ids_[*directory_.add(manifest)] = made_;
    }
    std::vector<int> left(int keep, const std::string& installation) {
        EXPECT_TRUE(prune(directory_, installation_.blob_store(), keep, installation).ok());
        std::vector<int> numbers;
        const auto listed = *directory_.list();
        for (const auto& snapshot : listed.snapshots) numbers.push_back(ids_.at(snapshot.id));
        return numbers;
    }

    contract::TempFolder folder_;
    Directory directory_ = Directory::open(folder_.path() / "backups", Use::write).value();
    memory::MemoryStores installation_;
    int made_ = 0;
    std::map<std::string, int> ids_;
};

TEST_F(Pruning, keeps_the_newest_of_one_installation_and_all_of_the_others) {
    for (const char* installation : {"a", "", "b", "a", "b", "a"}) add(installation);
    EXPECT_EQ(left(1, "b"), (std::vector{1, 4, 5, 6})) << "2 is of an older version";
    EXPECT_EQ(left(2, "a"), (std::vector{4, 5, 6}));
    EXPECT_EQ(left(1, ""), (std::vector{4, 5, 6}));
    EXPECT_EQ(left(1, "a"), (std::vector{5, 6}));
}

TEST_F(Pruning, lets_none_that_lacks_something_push_out_one_that_has_all) {
    add("a");
    add("a");
    for (int i = 0; i < 4; ++i) add("a", 7);
    EXPECT_EQ(left(2, "a"), (std::vector{1, 2, 5, 6}));
    EXPECT_EQ(left(1, "a"), (std::vector{2, 6}));
    add("a");
    EXPECT_EQ(left(1, "a"), (std::vector{7})) << "and one that has all pushes out both kinds";
}

TEST(Outputs, of_strangers_are_checked) {
    const std::string pack(64, 'a');
    EXPECT_TRUE(read_output(R"(["job",0,1,0,[[")" + pack + R"(",0,5]]])").ok());
    for (const auto& line : std::vector<std::string>{
             std::string(R"(["../../etc",0,1,0,[]])"),
             std::string(R"(["job",-1,1,0,[]])"),
             std::string(R"(["job",0,0,0,[]])"),
             std::string(R"(["job",0,1,99999999999,[]])"),
             std::string(R"(["job",0,1,0])"),
             std::string(R"({"job":1})"),
             std::string(R"(["job",0,1,0,[["../../x",0,5]]])"),
             R"(["job",0,1,0,[[")" + pack + R"(",-1,5]]])",
             R"(["job",0,1,0,[[")" + pack + R"(",0,99999999999]]])",
             R"(["job",0,1,0,[[")" + pack + R"(",9223372036854775807,5]]])",
             R"(["job",0,1,0,[[")" + pack + R"(",0,0]]])",
         }) {
        EXPECT_FALSE(read_output(line).ok()) << line;
    }
}

}  // namespace
}  // namespace gyre::backup
