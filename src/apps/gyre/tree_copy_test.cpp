#include "apps/gyre/tree_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "base/random.h"
#include "httpd/server.h"
#include "model/chunk_list.h"

namespace gyre::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A server that has what the test gives it, by the path behind ".../trees/".
class TreeCopy : public testing::Test {
protected:
    TreeCopy() {
        std::filesystem::create_directories(folder_);
        const auto answer = [this](httpd::Request& request) {
            const auto chunk = request.param("chunk");
            const std::string what = request.param("tree") + (chunk.empty() ? "" : "/" + chunk);
            asked_.push_back(what);
            const auto found = there_.find(what);
            if (found == there_.end()) return httpd::message_answer(404, "It is not kept any more.");
            httpd::Response bytes;
            bytes.body = found->second;
            return bytes;
        };
        router_.add({.method = "GET", .pattern = trees_ + ":tree", .handler = answer});
        router_.add({.method = "GET", .pattern = trees_ + ":tree/:chunk", .handler = answer});
        EXPECT_TRUE(server_.listen_unix(folder_ / "s", router_));
        server_.start();
    }
    ~TreeCopy() override {
        server_.stop();
        std::filesystem::remove_all(folder_);
    }

    // A tree of these chunks, as the server has it.
    std::string tree(const std::vector<std::string>& texts) {
        ChunkList chunks;
        for (const auto& text : texts) chunks.push_back({sha256_hex(text), std::ssize(text), std::ssize(text)});
        const std::string list = write_chunk_list(chunks);
        const std::string name = sha256_hex(list);
        there_[name] = list;
        for (const auto& text : texts) there_[name + "/" + sha256_hex(text)] = text;
        return name;
    }
    Result<CopiedTree> copy(const std::string& name) {
        auto client = ApiClient::to({.server = "unix:" + (folder_ / "s").string(), .token = "t"});
        return copy_tree(*client, {.slug = "git/shop", .number = 7, .task = 0, .attempt = 1}, name,
                         stores_.blob_store());
    }
    bool is_here(const std::string& text) { return *stores_.blob_store().exists(sha256_hex(text)); }

    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gyre-trees-" + random_token(4));
    const std::string trees_ = "/api/v2/gyre/project/{slug}/job/:n/trees/";
    std::map<std::string, std::string> there_;
    std::vector<std::string> asked_;
    memory::MemoryStores stores_;
    httpd::Router router_;
    httpd::Server server_;
};

TEST_F(TreeCopy, brings_the_list_and_its_chunks_and_nothing_twice) {
    const auto first = tree({"one", "two", "one"});
    EXPECT_EQ(copy(first)->bytes, std::ssize(there_[first]) + 6);
    EXPECT_TRUE(is_here("one") && is_here("two") && is_here(there_[first]));
    asked_.clear();
    EXPECT_EQ(copy(first)->bytes, 0);
    EXPECT_TRUE(asked_.empty());
    const auto second = tree({"two", "three"});
    EXPECT_EQ(copy(second)->bytes, std::ssize(there_[second]) + 5);
    EXPECT_THAT(asked_, ElementsAre(second, second + "/" + sha256_hex("three")));
}

TEST_F(TreeCopy, brings_again_what_was_damaged_here) {
    const auto name = tree({"one", "two"});
    ASSERT_TRUE(copy(name).ok());
    stores_.blob_store().spoil(sha256_hex("two"));
    EXPECT_EQ(copy(name)->bytes, 3);
    stores_.blob_store().spoil(name);
    EXPECT_EQ(copy(name)->bytes, std::ssize(there_[name]));
    EXPECT_EQ(copy(name)->bytes, 0);
}

TEST_F(TreeCopy, brings_a_whole_stream_of_an_earlier_version) {
    const std::string stream = "\x28\xb5\x2f\xfd whatever";
    there_[sha256_hex(stream)] = stream;
    EXPECT_EQ(copy(sha256_hex(stream))->bytes, std::ssize(stream));
    EXPECT_TRUE(is_here(stream));
}

TEST_F(TreeCopy, says_when_the_server_does_not_keep_all_of_it) {
    const auto name = tree({"one", "two"});
    there_.erase(name + "/" + sha256_hex("two"));
    const auto failed = copy(name);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().fault, Fault::not_found);
    EXPECT_THAT(failed.error().message, HasSubstr("not kept any more"));
    EXPECT_FALSE(is_here(there_[name])) << "a list that is here has its chunks";
    EXPECT_EQ(copy(std::string(64, 'a')).error().fault, Fault::not_found);
}

TEST_F(TreeCopy, takes_nothing_that_is_not_what_was_asked_for) {
    const auto name = tree({"one", "two"});
    there_[name + "/" + sha256_hex("two")] = "evil";
    EXPECT_EQ(copy(name).error().fault, Fault::corrupt);
    EXPECT_FALSE(is_here("two") || is_here("evil"));
    there_[name + "/" + sha256_hex("two")] = std::string(static_cast<std::size_t>(largest_stored_chunk) + 1, 'x');
    EXPECT_EQ(copy(name).error().fault, Fault::too_large);
    const std::string broken = "gyre-chunks 1\nnonsense\n";
    there_[sha256_hex(broken)] = broken;
    EXPECT_EQ(copy(sha256_hex(broken)).error().fault, Fault::corrupt);
}

}  // namespace
}  // namespace gyre::apps
