#include "adapters/s3/owner_mark.h"

#include <gtest/gtest.h>

#include "adapters/s3/test_world.h"
#include "base/digest.h"

namespace gyre::s3 {
namespace {

using test::Trouble;

const std::string ours = "2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f";
const std::string others = "00000000-0000-4000-8000-000000000000";
const std::string key = "some/prefix/installation";

TEST(S3OwnerMark, is_put_once_and_stays) {
    Store store;
    auto client = store.client();
    EXPECT_EQ(*read_mark(client), "");
    EXPECT_EQ(*put_mark(client, ours), ours);
    EXPECT_EQ(*put_mark(client, others), ours) << "they are somebody's already";
    EXPECT_EQ(store.fake.objects().at(key), ours + "\n");
    ASSERT_TRUE(replace_mark(client, others).ok());
    EXPECT_EQ(*read_mark(client), others);
}

TEST(S3OwnerMark, of_somebody_who_was_faster_stays) {
    Store store;
    auto client = store.client();
    store.fake.put(key, others + "\n");
    store.fake.misbehave("GetObject", Trouble::cut_before);  // tried again, and read
    EXPECT_EQ(*put_mark(client, ours), others);
    EXPECT_EQ(*client.write_new("installation", {std::string_view(), sha256_hex("")}), Client::New::there_already);
    EXPECT_EQ(store.fake.objects().at(key), others + "\n");
}

TEST(S3OwnerMark, that_was_put_and_not_answered_is_ours) {
    Store store;
    auto client = store.client();
    store.fake.misbehave("PutObject", Trouble::cut_after);
    EXPECT_EQ(*put_mark(client, ours), ours);
}

TEST(S3OwnerMark, of_somebody_who_was_faster_and_did_not_end_is_none_and_not_put) {
    Store store;
    auto client = store.client();
    store.fake.misbehave("PutObject", Trouble::another_writes);
    const auto put = put_mark(client, ours);
    ASSERT_FALSE(put.ok());
    EXPECT_EQ(put.error().fault, Fault::unavailable);
    EXPECT_EQ(*put_mark(client, ours), ours);
}

TEST(S3OwnerMark, is_put_where_the_server_knows_no_conditions) {
    Store store({.knows_conditions = false});
    auto client = store.client();
    EXPECT_EQ(*put_mark(client, ours), ours);
    EXPECT_EQ(*put_mark(client, others), ours);
}

TEST(S3OwnerMark, that_is_something_else_is_nobodys_and_not_none) {
    Store store;
    auto client = store.client();
    for (const auto& text : {std::string(), std::string("\n"), ours, ours + "\n" + others + "\n",
                             std::string("<html>welcome</html>"), std::string(5000, 'x'), std::string(37, '\0')}) {
        store.fake.put(key, text);
        EXPECT_FALSE(read_mark(client).ok()) << text.substr(0, 80);
        EXPECT_FALSE(put_mark(client, ours).ok()) << text.substr(0, 80);
        EXPECT_EQ(store.fake.objects().at(key), text);
    }
}

TEST(S3OwnerMark, that_cannot_be_asked_for_is_not_none) {
    for (const auto trouble : {Trouble::denied, Trouble::internal_error, Trouble::cut_before}) {
        Store store;
        auto client = store.client();
        store.fake.misbehave("GetObject", trouble, 100);
        EXPECT_FALSE(put_mark(client, ours).ok());
        EXPECT_TRUE(store.fake.objects().empty());
    }
}

}  // namespace
}  // namespace gyre::s3
