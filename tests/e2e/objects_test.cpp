// Caches, workspaces and artifacts in S3: a day with a bucket, a bucket that is away for a while, backups and the
// doctor.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/eventually.h"
#include "support/fake_s3.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string job(const std::string& steps) {
    return "    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n" + steps;
}

class InBucket : public Story {
protected:
    // What names the bucket, for the server and for commands beside it.
    std::vector<std::string> flags(const std::string& prefix = "ours") const {
        return {"--objects",          "s3://" + store_.settings().bucket + "/" + prefix,
                "--objects-endpoint", store_.endpoint(),
                "--objects-region",   store_.settings().region};
    }
    std::vector<std::string> environment() const {
        return {"AWS_ACCESS_KEY_ID=" + store_.settings().access, "AWS_SECRET_ACCESS_KEY=" + store_.settings().secret};
    }
    void start_with_bucket() { start({.flags = flags(), .environment = environment()}); }
    // The same keys in a file, for commands.
    std::string key_file() {
        const std::string path = directory() + "/keys";
        std::ofstream(path) << "aws_access_key_id = " << store_.settings().access
                            << "\naws_secret_access_key = " << store_.settings().secret << "\n";
        ::chmod(path.c_str(), 0600);
        return path;
    }
    Finished run(std::vector<std::string> words, const std::string& data, const std::string& prefix = "ours") {
        const auto more = flags(prefix);
        words.insert(words.end(), more.begin(), more.end());
        words.insert(words.end(), {"--objects-credentials", key_file(), "--data-dir", data});
        return server().gyre(words);
    }
    std::size_t stored(const std::string& prefix) const {
        std::size_t count = 0;
        for (const auto& [key, bytes] : store_.objects()) count += key.starts_with(prefix) ? 1 : 0;
        return count;
    }
    std::string log_of_server() const {
        std::ifstream file(directory() + "/server.log");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void push_what_stores() {
        config("version: 2\njobs:\n  first:\n" +
               job("      - run: |\n"
                   "          mkdir -p out && echo kept > out/file\n"
                   "          env | grep AWS_ || echo no keys here\n"
                   "      - save_cache: {key: deps, paths: [out]}\n"
                   "      - persist_to_workspace: {root: ., paths: [out]}\n"
                   "      - store_artifacts: {path: out}\n") +
               "  second:\n" +
               job("      - attach_workspace: {at: ws}\n"
                   "      - restore_cache: {keys: [deps]}\n"
                   "      - run: cat ws/out/file out/file\n") +
               "workflows:\n  version: 2\n  all:\n    jobs: [first, {second: {requires: [first]}}]\n");
        push("store").wait();
    }

    FakeS3 store_;
};

TEST_F(InBucket, caches_workspaces_and_artifacts_live) {
    start_with_bucket();
    push_what_stores();
    expect_job("first").succeeded().printed("no keys here");
    expect_job("second").succeeded().printed("kept\nkept\n");
    EXPECT_GE(stored("ours/objects/"), 2U);
    EXPECT_FALSE(std::filesystem::exists(server().data() + "/objects"));
    const auto artifacts = at(server().get("/api/v2/project/git%2Fapp/1/artifacts"), "items").as_array();
    ASSERT_EQ(artifacts.size(), 1U);
    const std::string url = text_at(artifacts[0], "url");
    EXPECT_EQ(server().call({.target = url.substr(url.find('/', url.find("://") + 3))}).body, "kept\n");
    EXPECT_EQ(server().call({.target = "/ready"}).status, 200);
    EXPECT_THAT(log_of_server(), Not(HasSubstr(store_.settings().secret)));
    EXPECT_THAT(store_.refusals(), testing::IsEmpty());
}

TEST_F(InBucket, jobs_wait_for_a_store_that_is_away) {
    start_with_bucket();
    Gate gate;
    config("version: 2\njobs:\n  build:\n" + job("      - run:\n          command: |\n            " + gate.command() +
                                                 "\n            echo kept > file\n"
                                                 "      - store_artifacts: {path: file}\n"));
    const auto pipeline = push("store");
    gate.wait();
    store_.misbehave("", Trouble::internal_error, 1'000'000);
    gate.open();
    eventually("the upload was tried", [&] { return store_.count("HeadObject") + store_.count("PutObject") > 8; });
    eventually("the server says so", [&] { return server().call({.target = "/ready"}).status == 503; });
    EXPECT_EQ(text_at(pipeline.job("build"), "status"), "running");
    store_.behave();
    pipeline.wait();
    expect_job("build").succeeded();
    EXPECT_EQ(pipeline.attempts("build").size(), 1U);
    EXPECT_EQ(stored("ours/objects/"), 1U);
    eventually("the server is ready again", [&] { return server().call({.target = "/ready"}).status == 200; });
}

TEST_F(InBucket, the_doctor_and_backups_read_it_and_a_restore_fills_another) {
    start_with_bucket();
    push_what_stores();
    server().stop();
    const auto well = run({"doctor"}, server().data());
    EXPECT_EQ(well.exit_code, 0) << well.out;
    EXPECT_THAT(well.out, HasSubstr("takes, gives and removes objects"));
    const std::string backups = directory() + "/backups";
    EXPECT_EQ(run({"backup", "create", backups}, server().data()).exit_code, 0);
    const auto restored = run({"restore", backups}, directory() + "/again", "second");
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
    EXPECT_EQ(stored("second/objects/"), stored("ours/objects/"));
    EXPECT_EQ(run({"doctor"}, directory() + "/again", "second").exit_code, 0);
    for (const auto& [key, bytes] : store_.objects()) {
        if (key.starts_with("ours/objects/")) store_.put(key, "not these bytes");
    }
    const auto ill = run({"doctor"}, server().data());
    EXPECT_EQ(ill.exit_code, 1) << ill.out;
    EXPECT_THAT(ill.out, HasSubstr("object-damaged"));
}

}  // namespace
}  // namespace gyre::test
