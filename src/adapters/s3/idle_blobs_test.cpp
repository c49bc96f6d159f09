#include "adapters/s3/idle_blobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/s3/test_world.h"
#include "base/digest.h"

namespace gyre::s3 {
namespace {

using std::chrono::hours;
using test::Trouble;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr hours grace{24};
constexpr Tries no_second{.most = 1};

Result<void> on() { return {}; }

class S3Idle : public testing::Test {
protected:
    Store store_;
    const std::string name_ = sha256_hex("text");
    const std::string key_ = "some/prefix/" + key_of_blob(name_);

    // As another server, which remembers nothing.
    IdleBlobs blobs(Tries tries = no_second, IdleLimits limits = {}) {
        limits.wait_for_removal = std::chrono::milliseconds{30};
        return {store_.client(tries), limits};
    }
    void put_old() {
        store_.fake.put(key_, "text");
        store_.fake.age(hours(30));
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> all;
        for (const auto& [key, bytes] : store_.fake.objects()) all.push_back(key);
        return all;
    }
    void say_somebody_removes() {
        store_.fake.put("some/prefix/removing/" + name_.substr(0, 2) + "/" + name_.substr(2) + "/who", "");
    }
};

TEST_F(S3Idle, blobs_go_and_leave_nothing) {
    put_old();
    EXPECT_TRUE(*blobs().remove(name_, grace));
    EXPECT_THAT(keys(), IsEmpty());
    EXPECT_FALSE(*blobs().remove(name_, grace));
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(S3Idle, blobs_that_were_touched_stay_until_they_are_idle_anew) {
    put_old();
    EXPECT_EQ(**blobs().touch(name_), 4);
    EXPECT_FALSE(*blobs().remove(name_, grace));
    store_.fake.age(hours(30));
    EXPECT_TRUE(*blobs().remove(name_, grace));
    EXPECT_THAT(keys(), IsEmpty()) << "the touch goes with it";
}

TEST_F(S3Idle, a_touch_costs_one_call_where_nobody_could_remove_it_for_long) {
    store_.fake.put(key_, "text");
    EXPECT_TRUE(blobs().touch(name_)->has_value());
    EXPECT_EQ(store_.fake.calls().size(), 1U) << "it was written just now";
    store_.fake.age(hours(30));
    auto one = blobs();
    EXPECT_TRUE(one.touch(name_)->has_value());
    const auto before = store_.fake.calls().size();
    EXPECT_TRUE(one.touch(name_)->has_value());
    EXPECT_EQ(store_.fake.calls().size(), before + 1) << "it was touched here";
    store_.fake.erase(key_);
    EXPECT_FALSE(one.touch(name_)->has_value());
}

TEST_F(S3Idle, no_removal_may_ask_for_less_than_touches_promise) {
    put_old();
    for (const int asked : {0, 7, 8}) EXPECT_EQ(blobs().remove(name_, hours(asked)).error().fault, Fault::invalid);
    EXPECT_THAT(keys(), ElementsAre(key_));
}

TEST_F(S3Idle, a_removal_that_is_given_up_leaves_the_touch) {
    put_old();
    EXPECT_TRUE(blobs().touch(name_)->has_value());
    store_.fake.age(hours(30));
    const auto before = keys();
    IdleLimits limits;
    limits.removal_at_most = std::chrono::seconds{0};  // too slow, however fast
    const auto removed = blobs(no_second, limits).remove(name_, grace);
    ASSERT_FALSE(removed.ok());
    EXPECT_EQ(removed.error().fault, Fault::unavailable) << removed.error().message;
    EXPECT_EQ(keys(), before);
}

// Who touches asks again later; nobody is told that a blob is there which goes a moment later.
TEST_F(S3Idle, who_touches_what_is_being_removed_waits) {
    put_old();
    say_somebody_removes();
    EXPECT_EQ(blobs().touch(name_).error().fault, Fault::unavailable);
    EXPECT_EQ(blobs().await_removals(name_).error().fault, Fault::unavailable) << "so does who writes it";
    EXPECT_FALSE(*blobs().remove(name_, grace)) << "the other one sees the touch";
    store_.fake.age(std::chrono::minutes(3));
    EXPECT_TRUE(blobs().touch(name_)->has_value()) << "the other one died";
    EXPECT_TRUE(blobs().await_removals(name_).ok());
    store_.fake.age(hours(30));
    EXPECT_TRUE(*blobs().remove(name_, grace));
    EXPECT_THAT(keys(), IsEmpty());
}

// A server that is killed has done some of its calls, and the last of them perhaps unknown to it.
TEST_F(S3Idle, a_removal_that_died_at_any_call_does_no_harm) {
    for (const auto trouble : {Trouble::cut_before, Trouble::cut_after}) {
        for (int call = 0; call < 7; ++call) {
            SCOPED_TRACE("call " + std::to_string(call) + ", done: " + (trouble == Trouble::cut_after ? "yes" : "no"));
            store_.fake.put(key_, "text");
            store_.fake.put("some/prefix/touched/" + key_.substr(std::string("some/prefix/objects/").size()), "");
            store_.fake.age(hours(30));
            store_.fake.misbehave_after("", call, trouble);
            (void)blobs().remove(name_, grace);
            store_.fake.behave();
            store_.fake.age(std::chrono::minutes(3));
            const bool there = store_.fake.objects().contains(key_);
            EXPECT_EQ(blobs().touch(name_)->has_value(), there);
            if (there) {
                EXPECT_FALSE(*blobs().remove(name_, grace)) << "it was touched";
            }
            EXPECT_TRUE(blobs().await_removals(name_).ok());
            store_.fake.put(key_, "text");
            store_.fake.age(hours(30));
            EXPECT_TRUE(*blobs().remove(name_, grace));
            EXPECT_THAT(keys(), IsEmpty());
        }
    }
}

TEST_F(S3Idle, blobs_are_listed_beyond_a_page_and_what_else_lies_there_is_not) {
    std::set<std::string> stored;
    for (int i = 0; i < 2'100; ++i) stored.insert(sha256_hex(std::to_string(i)));
    for (const auto& name : stored) store_.fake.put("some/prefix/" + key_of_blob(name), "x");
    for (const std::string other : {"objects/README", "objects/ab/short", "objects/ab/../x", "installation", "probe/x"})
        store_.fake.put("some/prefix/" + other, "x");
    store_.fake.put("some/prefix/objects/ab/" + std::string(62, 'G'), "x");
    store_.fake.put("other/" + key_of_blob(name_), "x");
    store_.fake.age(hours(2));
    std::set<std::string> listed;
    ASSERT_TRUE(blobs()
                    .each([&](const IdleBlob& blob) -> Result<void> {
                        EXPECT_EQ(blob.size, 1);
                        EXPECT_GE(blob.idle, hours(2));
                        EXPECT_TRUE(listed.insert(blob.sha256).second) << blob.sha256;
                        return {};
                    })
                    .ok());
    EXPECT_EQ(listed, stored);
}

TEST_F(S3Idle, uploads_that_nobody_goes_on_with_are_ended_and_no_others) {
    auto client = store_.client();
    ASSERT_TRUE(client.begin_upload(key_of_blob(name_)).ok());
    ASSERT_TRUE(client.begin_upload("something/else").ok());
    store_.fake.age(hours(9 * 24));
    ASSERT_TRUE(client.begin_upload(key_of_blob(name_)).ok());
    EXPECT_EQ(*blobs().end_abandoned_uploads(on), 1);
    EXPECT_EQ(*blobs().end_abandoned_uploads(on), 0);
    EXPECT_EQ(store_.fake.uploads(), 2U);
    store_.fake.misbehave("ListMultipartUploads", Trouble::denied);
    EXPECT_THAT(blobs().end_abandoned_uploads(on).error().message, testing::HasSubstr("s3:ListBucketMultipartUploads"));
}

}  // namespace
}  // namespace gyre::s3
