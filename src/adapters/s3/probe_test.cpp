#include "adapters/s3/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/s3/test_world.h"

namespace gyre::s3 {
namespace {

using test::Trouble;
using testing::HasSubstr;

TEST(S3Probe, leaves_nothing_behind) {
    Store store;
    auto client = store.client();
    ASSERT_TRUE(probe(client).ok());
    EXPECT_TRUE(store.fake.objects().empty());
    EXPECT_EQ(store.fake.calls().size(), 3U);
}

TEST(S3Probe, tells_which_permission_is_missing) {
    for (const char* operation : {"PutObject", "GetObject", "DeleteObject"}) {
        Store store;
        auto client = store.client();
        store.fake.misbehave(operation, Trouble::denied);
        const auto done = probe(client);
        ASSERT_FALSE(done.ok()) << operation;
        EXPECT_EQ(done.error().fault, Fault::denied);
        EXPECT_THAT(done.error().message, HasSubstr(std::string("s3:") + operation + " on arn:aws:s3:::gyre-test"));
    }
}

TEST(S3Probe, sees_bytes_that_are_not_those_that_were_written) {
    Store store;
    auto client = store.client();
    store.fake.misbehave("GetObject", Trouble::other_bytes);
    EXPECT_EQ(probe(client).error().fault, Fault::corrupt);
    EXPECT_TRUE(store.fake.objects().empty());
}

}  // namespace
}  // namespace gyre::s3
