#include "apps/gyre/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/sqlite/stores.h"
#include "base/digest.h"
#include "model/chunk_list.h"
#include "output/sweep.h"
#include "ports/contract/temp_folder.h"
#include "support/fake_s3.h"

namespace gyre::apps {
namespace {

using test::Trouble;
using testing::HasSubstr;
using testing::Not;

class ObjectsTest : public testing::Test {
protected:
    ServerSettings settings() {
        ServerSettings settings;
        settings.objects = "s3://" + fake_.settings().bucket + "/ours";
        settings.objects_endpoint = fake_.endpoint();
        settings.objects_region = fake_.settings().region;
        settings.objects_credentials = folder_.path() / "keys";
        std::ofstream(settings.objects_credentials) << "aws_access_key_id = " << fake_.settings().access
                                                    << "\naws_secret_access_key = " << fake_.settings().secret << "\n";
        std::filesystem::permissions(settings.objects_credentials, std::filesystem::perms::owner_read);
        return settings;
    }
    std::unique_ptr<Objects> open(const ServerSettings& given) {
        return Objects::open(given, folder_.path(), folder_.path()).value();
    }
    test::FakeS3 fake_;
    contract::TempFolder folder_;
    const std::string text_ = "bytes";
    const std::string name_ = sha256_hex(text_);
};

TEST_F(ObjectsTest, are_files_unless_a_bucket_is_named) {
    const auto files = open({});
    ASSERT_TRUE(files->blobs().append(name_, 0, 5, text_).ok());
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "objects"));
    EXPECT_EQ(*files->look({}), "");
}

TEST_F(ObjectsTest, lie_in_the_bucket_that_is_named) {
    const auto objects = open(settings());
    ASSERT_TRUE(objects->blobs().append(name_, 0, 5, text_).ok());
    EXPECT_EQ(fake_.objects().at("ours/objects/" + name_.substr(0, 2) + "/" + name_.substr(2)), text_);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "objects"));
    EXPECT_THAT(*objects->try_out(), HasSubstr("keys from the file"));
}

TEST_F(ObjectsTest, are_tried_out_now_and_then_and_told_of_without_their_place) {
    const auto objects = open(settings());
    const std::chrono::steady_clock::time_point start{std::chrono::hours{1}};
    EXPECT_THAT(*objects->look(start), HasSubstr("takes, gives and removes"));
    fake_.misbehave("PutObject", Trouble::denied, 1);
    EXPECT_TRUE(objects->look(start + std::chrono::seconds{29}).ok()) << "it was seen a moment ago";
    const auto denied = objects->look(start + std::chrono::seconds{31});
    ASSERT_FALSE(denied.ok());
    EXPECT_THAT(denied.error().message, Not(HasSubstr(fake_.settings().bucket)));
    EXPECT_FALSE(objects->look(start + std::chrono::seconds{33}).ok());
    EXPECT_TRUE(objects->look(start + std::chrono::seconds{37}).ok());
}

// A day passes, and a server dies in the middle of its sweep; the next one goes on.
TEST_F(ObjectsTest, that_no_record_names_are_swept_out_of_the_bucket) {
    const auto records = sqlite::open_sqlite((folder_.path() / "gyre.db").string()).value();
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    const auto objects = open(settings());
    const auto store = [&](const std::string& text) {
        const auto name = sha256_hex(text);
        EXPECT_TRUE(objects->blobs().append(name, 0, std::ssize(text), text).ok());
        return name;
    };
    const auto chunk = store("chunk");
    const auto list = store(write_chunk_list({{chunk, 5, 5}}));
    ASSERT_TRUE(*records->keepsakes().add_cache(ProjectId{"p"}, {.key = "k", .blob = list, .size = 5}));
    for (int i = 0; i < 5; ++i) store("left behind " + std::to_string(i));
    const auto touched = store("about to be named");
    const auto sweep = [&](Objects& of) {
        return output::sweep(
            records->keepsakes(), of.blobs(), {.least_free = std::int64_t{1} << 60},
            [&] { return Result<std::optional<std::int64_t>>(of.free_bytes()); }, [] { return Result<void>(); });
    };
    EXPECT_EQ(sweep(*objects)->blobs, 0) << "it was stored just now";
    fake_.age(std::chrono::hours(25));
    EXPECT_TRUE(objects->blobs().touch(touched)->has_value());
    fake_.misbehave_after("DeleteObject ours/objects", 2, Trouble::denied);
    EXPECT_FALSE(sweep(*objects).ok());
    fake_.behave();
    const auto next = open(settings());
    const auto swept = sweep(*next);
    ASSERT_TRUE(swept.ok()) << swept.error().message;
    EXPECT_EQ(swept->blobs, 3);
    EXPECT_EQ(swept->caches, 0) << "a full disk is none of the bucket's";
    for (const auto& name : {chunk, list, touched}) EXPECT_TRUE(*next->blobs().exists(name)) << name;
    EXPECT_EQ(fake_.uploads(), 0U);
    EXPECT_EQ(*next->end_abandoned_uploads([] { return Result<void>(); }), 0);
}

TEST(ObjectSettings, have_forms) {
    EXPECT_TRUE(objects_place_form("").ok());
    EXPECT_TRUE(objects_place_form("s3://bucket/prefix").ok());
    EXPECT_EQ(objects_place_form("/srv/objects").error().fault, Fault::invalid);
    for (const char* fine : {"", "AES256", "aws:kms", "aws:kms:arn:aws:kms:eu-central-1:1:key/2"})
        EXPECT_TRUE(encryption_form(fine).ok()) << fine;
    for (const char* wrong : {"aes256", "aws:kms:", "aws:kms:a b", "kms", "aws:kms:a\nb"})
        EXPECT_EQ(encryption_form(wrong).error().fault, Fault::invalid) << wrong;
}

}  // namespace
}  // namespace gyre::apps
