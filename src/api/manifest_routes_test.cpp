// What a job ran with, and the caches and layers that it was given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "model/chunk_list.h"
#include "model/job_manifest.h"

namespace gyre::api {
namespace {

using testing::HasSubstr;

// Job 2 of git/demo: its task 0 had one attempt, its task 1 two.
class ManifestRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    void SetUp() override {
        ServedApi::SetUp();
        chunk_ = blob("a chunk, whatever it holds");
        list_ = blob(write_chunk_list({{chunk_, 26, 100}}));
        unnamed_ = blob("of another project");
        JobManifest manifest;
        manifest.attempt = test_;
        manifest.job_name = "test";
        manifest.caches = {{.step = 101, .keys = {"k-"}, .found = CacheEntry{.key = "k-1", .blob = list_}}};
        ASSERT_TRUE(stores_.run_records().save_manifest(test_, {to_json_text(manifest), {list_}, at(30)}));
        manifest.attempt.task = 1;
        manifest.job_name = "the lost one";
        ASSERT_TRUE(stores_.run_records().save_manifest({{"job-test"}, 1, 1}, {to_json_text(manifest), {}, at(30)}));
    }
    std::string blob(const std::string& bytes) {
        const auto name = sha256_hex(bytes);
        EXPECT_TRUE(stores_.blob_store().append(name, 0, std::ssize(bytes), bytes));
        return name;
    }

    const AttemptRef test_{{"job-test"}, 0, 1};
    const std::string job_ = "/api/v2/gyre/project/git/demo/job/2";
    std::string chunk_;
    std::string list_;
    std::string unnamed_;
};

TEST_F(ManifestRoutes, show_what_the_last_attempt_of_a_task_ran_with_and_how_its_steps_went) {
    const auto answer = json_of(job_ + "/manifest");
    EXPECT_EQ(answer.at("attempt"), "job-test-0-a1");
    EXPECT_EQ(answer.at("status"), "failed");
    EXPECT_EQ(answer.at("outcome").at("kind"), "failed");
    EXPECT_EQ(answer.at("manifest").at("job_name"), "test");
    EXPECT_EQ(answer.at("manifest").at("caches").at(0).at("found").at("key"), "k-1");
    EXPECT_EQ(answer.at("steps").at(1).at("name"), "npm test");
    EXPECT_EQ(json_of(job_ + "/manifest?task=1&attempt=1").at("manifest").at("job_name"), "the lost one");
}

TEST_F(ManifestRoutes, say_that_there_is_none) {
    for (const auto& [target, status] :
         std::vector<std::pair<std::string, int>>{{job_ + "/manifest?task=1", 404},  // its second attempt told none
                                                  {job_ + "/manifest?task=2", 404},
                                                  {job_ + "/manifest?attempt=2", 404},
                                                  {job_ + "/manifest?attempt=-1", 400},
                                                  {job_ + "/manifest?task=x", 400},
                                                  {"/api/v2/gyre/project/git/demo/job/99/manifest", 404},
                                                  {"/api/v2/gyre/project/git/nothing/job/2/manifest", 404},
                                                  {"/api/v2/gyre/project/git/demo/job/3/manifest", 404}}) {
        EXPECT_EQ(get(target).status, status) << target;
    }
    EXPECT_EQ(send("GET", job_ + "/manifest", "", "").status, 401);
}

TEST_F(ManifestRoutes, serve_the_trees_that_it_names_and_their_chunks) {
    const auto list = get(job_ + "/trees/" + list_);
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(read_chunk_list(list.body)->at(0).sha256, chunk_);
    EXPECT_EQ(list.headers.at("content-type"), "application/octet-stream");
    EXPECT_EQ(get(job_ + "/trees/" + list_ + "/" + chunk_).body, "a chunk, whatever it holds");
    const auto part = send("GET", job_ + "/trees/" + list_ + "/" + chunk_, "",
                           "Circle-Token: " + admin_token + "\r\nRange: bytes=2-6\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "chunk");
    EXPECT_EQ(part.headers.at("content-range"), "bytes 2-6/26");
}

TEST_F(ManifestRoutes, serve_nothing_else) {
    const std::string trees = job_ + "/trees/";
    for (const auto& target :
         {trees + unnamed_, trees + chunk_, trees + list_ + "/" + unnamed_, trees + list_ + "/" + list_,
          trees + list_ + "/" + chunk_.substr(0, 63), trees + list_ + "/gyre-chunks",
          trees + list_ + "?task=1&attempt=2", trees + std::string(64, 'f')})
        EXPECT_EQ(get(target).status, 404) << target;
    for (const auto& target : {trees + list_ + "/%0A" + chunk_, trees + "..%2F..%2Fsigning.key"})
        EXPECT_EQ(get(target).status, 400) << target;
    EXPECT_EQ(send("GET", trees + list_, "", "").status, 401);
}

TEST_F(ManifestRoutes, say_when_a_tree_is_not_kept_any_more) {
    JobManifest manifest;
    manifest.attempt = test_;
    manifest.caches = {{.found = CacheEntry{.key = "gone", .blob = std::string(64, 'e')}}};
    ASSERT_TRUE(stores_.run_records().save_manifest(test_, {to_json_text(manifest), {}, at(30)}));
    const auto answer = get(job_ + "/trees/" + std::string(64, 'e'));
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("not kept any more"));
}

TEST_F(ManifestRoutes, say_when_what_is_stored_is_no_manifest) {
    ASSERT_TRUE(stores_.run_records().save_manifest(test_, {"{\"version\":9}", {}, at(30)}));
    EXPECT_EQ(get(job_ + "/manifest").status, 500);
}

}  // namespace
}  // namespace gyre::api
