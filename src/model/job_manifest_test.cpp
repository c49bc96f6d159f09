#include "model/job_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/json.h"

namespace gyre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

JobManifest example() {
    JobManifest manifest;
    manifest.attempt = {{"job-1"}, 1, 2};
    manifest.job_name = "test";
    manifest.job.steps = {CheckoutStep{}, RunStep{.name = "make", .command = "make"}};
    manifest.caches = {{.step = 102, .keys = {"a-"}, .found = CacheEntry{.key = "a-1", .blob = std::string(64, 'b')}},
                       {.step = 103, .keys = {"c-"}, .found = {}}};
    WorkspaceLayer layer{.job = {"up"}, .job_name = "build", .blob = std::string(64, 'a'), .size = 5};
    manifest.workspaces = {{.step = 104, .layers = {layer, layer}, .jobs = {{{"up"}, {}}, {{"next"}, {0}}}}};
    return manifest;
}

TEST(JobManifest, is_read_as_it_was_written) {
    const auto read = read_manifest(to_json_text(example()));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(example().attempt, read->attempt);
    EXPECT_EQ(example().job, read->job);
    EXPECT_EQ("a-1", read->caches.at(0).found->key);
    EXPECT_THAT(read->workspaces.at(0).jobs.at(1).after, ElementsAre(0));
    EXPECT_EQ(to_json_text(example()), to_json_text(*read));
}

TEST(JobManifest, names_each_of_its_trees_once) {
    EXPECT_THAT(trees_of(example()), ElementsAre(std::string(64, 'a'), std::string(64, 'b')));
    EXPECT_TRUE(trees_of(JobManifest{}).empty());
}

TEST(JobManifest, that_cannot_be_right_is_refused) {
    struct Case {
        std::string text;
        Fault fault;
        const char* reason;
    };
    const auto changed = [](const std::function<void(JobManifest&)>& change) {
        auto manifest = example();
        change(manifest);
        return to_json_text(manifest);
    };
    const std::string hash(64, 'a');
    const std::vector<Case> cases = {
        {"", Fault::invalid, ""},
        {"[]", Fault::invalid, "must be an object"},
        {"{\"version\":1", Fault::invalid, ""},
        {R"({"version":"1"})", Fault::invalid, "version"},
        {R"({"version":2})", Fault::invalid, "version 2"},
        {R"({"version":-1})", Fault::invalid, "version -1"},
        {R"({"job":{"steps":[{"kind":"teleport"}]}})", Fault::invalid, "teleport"},
        {R"({"attempt":"x-0-a1"})", Fault::invalid, "attempt"},
        {std::string(largest_manifest + 1, ' '), Fault::too_large, ""},
        {std::string(100, '['), Fault::invalid, ""},
        {changed([](auto& m) { m.caches[0].found->blob = "../../etc/passwd"; }), Fault::invalid, "blob"},
        {changed([](auto& m) { m.caches[0].found->blob = std::string(64, 'A'); }), Fault::invalid, "blob"},
        {changed([](auto& m) { m.caches[0].found->size = -1; }), Fault::invalid, "negative"},
        {changed([](auto& m) { m.caches[1].restored = true; }), Fault::invalid, "not found"},
        {changed([](auto& m) { m.workspaces[0].layers[0].blob.clear(); }), Fault::invalid, "blob"},
        {changed([](auto& m) { m.workspaces[0].jobs[0].after = {0}; }), Fault::invalid, "order"},
        {changed([](auto& m) { m.workspaces[0].jobs[1].after = {-1}; }), Fault::invalid, "order"},
        {changed([](auto& m) { m.workspaces[0].jobs[1].after = {7}; }), Fault::invalid, "order"},
        {changed([](auto& m) { m.secrets.resize(10'001); }), Fault::invalid, "more than 10000 secrets"},
        {changed([](auto& m) { m.built_in.resize(10'001); }), Fault::invalid, "more than 10000 variables"},
    };
    for (const auto& [text, fault, reason] : cases) {
        const auto read = read_manifest(text);
        ASSERT_FALSE(read.ok()) << text.substr(0, 200);
        EXPECT_EQ(fault, read.error().fault) << text.substr(0, 200);
        EXPECT_THAT(read.error().message, HasSubstr(reason)) << text.substr(0, 200);
    }
}

}  // namespace
}  // namespace gyre
