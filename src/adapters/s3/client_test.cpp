#include "adapters/s3/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "adapters/memory/manual_clock.h"
#include "adapters/s3/test_world.h"
#include "base/digest.h"
#include "support/eventually.h"

namespace gyre::s3 {
namespace {

using test::FakeS3Settings;
using test::Trouble;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Body body_of(const std::string& text) { return {std::string_view(text), sha256_hex(text)}; }

class S3Client : public testing::Test {
protected:
    Store store_;
    Client client_ = store_.client();
    const std::string text_ = "some bytes";
};

TEST_F(S3Client, writes_reads_lists_and_removes_objects) {
    ASSERT_TRUE(client_.write("a/b", body_of(text_)).ok());
    EXPECT_EQ(store_.fake.objects().at("some/prefix/a/b"), text_);
    EXPECT_EQ(*client_.size("a/b"), 10);
    EXPECT_EQ(client_.read("a/b", 5, 3)->bytes, "byt");
    EXPECT_EQ(client_.read("a/b", 5, 100)->bytes, "bytes");
    EXPECT_EQ(client_.read("a/b", 5, 100)->size, 10);
    EXPECT_EQ(client_.read("a/b", 10, 5)->bytes, "");
    EXPECT_EQ(client_.read("a/b", 99, 5)->size, 10);
    ASSERT_TRUE(client_.remove("a/b").ok());
    EXPECT_TRUE(client_.remove("a/b").ok()) << "it is gone already";
    EXPECT_EQ(client_.size("a/b").error().fault, Fault::not_found);
    EXPECT_EQ(client_.read("a/b", 0, 5).error().fault, Fault::not_found);
    EXPECT_THAT(store_.fake.refusals(), ElementsAre());
}

TEST_F(S3Client, lists_in_pages_and_only_beneath_its_prefix) {
    for (const char* key :
         {"other/x", "some/prefix/one/1", "some/prefix/one/2", "some/prefix/one/3", "some/prefix/two/4"})
        store_.fake.put(key, "12345");
    const auto first = client_.list("one/", "", 2);
    ASSERT_TRUE(first.ok()) << first.error().message;
    ASSERT_EQ(first->objects.size(), 2U);
    EXPECT_EQ(first->objects[1].key, "one/2");
    EXPECT_EQ(first->objects[1].size, 5);
    const auto second = client_.list("one/", first->next, 2);
    ASSERT_EQ(second->objects.size(), 1U);
    EXPECT_EQ(second->objects[0].key, "one/3");
    EXPECT_EQ(second->next, "");
}

TEST_F(S3Client, speaks_to_buckets_in_the_path_and_in_the_hosts_name) {
    auto named = store_.client(store_.location("", "host"));
    ASSERT_TRUE(named.write("x", body_of(text_)).ok());
    EXPECT_EQ(store_.fake.objects().at("x"), text_);
    auto in_path = store_.client(store_.location("", "path"));
    EXPECT_EQ(in_path.read("x", 0, 99)->bytes, text_);
    EXPECT_THAT(store_.fake.refusals(), ElementsAre());
}

TEST_F(S3Client, sends_the_token_of_a_session) {
    Store store({.token = "FQoGZXIvYXdzE+/=="});
    EXPECT_TRUE(store.client().write("x", body_of(text_)).ok());
    EXPECT_THAT(store.fake.refusals(), ElementsAre());
}

TEST_F(S3Client, asks_for_encryption_of_whole_objects_and_of_those_in_parts) {
    auto client = store_.client(store_.location(""), quick, {.kind = "aws:kms", .key = "arn:aws:kms:x:1:key/2"});
    ASSERT_TRUE(client.write("whole", body_of(text_)).ok());
    const auto upload = client.begin_upload("parts");
    const auto tag = client.write_part("parts", *upload, 1, body_of(text_));
    ASSERT_TRUE(client.end_upload("parts", *upload, {*tag}).ok());
    for (const char* key : {"whole", "parts"}) {
        const auto headers = store_.fake.headers_of(key);
        EXPECT_EQ(headers.at("x-amz-server-side-encryption"), "aws:kms") << key;
        EXPECT_EQ(headers.at("x-amz-server-side-encryption-aws-kms-key-id"), "arn:aws:kms:x:1:key/2") << key;
    }
}

TEST_F(S3Client, tries_again_what_may_go_better) {
    for (const auto trouble : {Trouble::internal_error, Trouble::slow_down, Trouble::too_many, Trouble::cut_before,
                               Trouble::cut_after, Trouble::not_xml}) {
        const int before = store_.fake.count("PutObject");
        store_.fake.misbehave("PutObject", trouble, 2);
        EXPECT_TRUE(client_.write("x", body_of(text_)).ok()) << static_cast<int>(trouble);
        EXPECT_EQ(store_.fake.count("PutObject"), before + 3) << static_cast<int>(trouble);
    }
    store_.fake.misbehave("GetObject", Trouble::cut_within, 2);
    EXPECT_EQ(client_.read("x", 0, 99)->bytes, text_);
}

TEST_F(S3Client, gives_up_after_so_many_tries_and_says_so) {
    store_.fake.misbehave("PutObject", Trouble::slow_down, 1000);
    const auto done = client_.write("x", body_of(text_));
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().fault, Fault::unavailable);
    EXPECT_THAT(done.error().message,
                AllOf(HasSubstr("s3://gyre-test/some/prefix"), HasSubstr("SlowDown"), HasSubstr("tried 4 times")));
    EXPECT_EQ(store_.fake.count("PutObject"), 4);
}

TEST_F(S3Client, says_what_an_administrator_must_mend) {
    struct Case {
        Trouble trouble;
        Fault fault;
        std::string words;
    };
    const std::vector<Case> cases{
        {Trouble::denied, Fault::denied, "s3:PutObject on arn:aws:s3:::gyre-test/some/prefix/*"},
        {Trouble::moved, Fault::invalid, "in the region us-west-2, not in eu-central-1: change the setting"},
        {Trouble::expired, Fault::denied, "expired"},
        {Trouble::skewed, Fault::unavailable, "clock is wrong"},
    };
    for (const auto& [trouble, fault, words] : cases) {
        store_.fake.misbehave("PutObject", trouble, 2);
        const auto done = client_.write("x", body_of(text_));
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().fault, fault) << done.error().message;
        EXPECT_THAT(done.error().message, HasSubstr(words));
        store_.fake.behave();
    }
}

TEST_F(S3Client, never_shows_a_key) {
    Credentials wrong({.file = {}, .environment = Keys{"AKFAKE", "not the secret", "sesame"}, .metadata = {}});
    Client client({.location = store_.location(), .tries = quick}, wrong, store_.clock);
    for (const auto trouble : {Trouble::denied, Trouble::expired, Trouble::cut_before, Trouble::not_xml}) {
        store_.fake.misbehave("GetObject", trouble, 4);
        const auto message = client.read("x", 0, 1).error().message;
        EXPECT_THAT(message, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("sesame")), Not(HasSubstr("AKFAKE"))));
    }
}

TEST_F(S3Client, tells_wrong_keys_buckets_and_regions_apart) {
    Credentials unknown({.file = {}, .environment = Keys{"AKOTHER", "x", ""}, .metadata = {}});
    Credentials wrong({.file = {}, .environment = Keys{"AKFAKE", "x", ""}, .metadata = {}});
    const auto fails = [&](Credentials& with, Location at) {
        return Client({.location = std::move(at), .tries = quick}, with, store_.clock).read("x", 0, 1).error().message;
    };
    EXPECT_THAT(fails(unknown, store_.location()), HasSubstr("the access key is not known there"));
    EXPECT_THAT(fails(wrong, store_.location()), HasSubstr("the secret key does not belong to the access key"));
    const auto there = store_.location("", "path", "us-east-1");
    EXPECT_THAT(fails(store_.credentials, there), HasSubstr("in the region eu-central-1, not in us-east-1"));
    const auto lost =
        Location::parse({.url = "s3://elsewhere", .endpoint = store_.fake.endpoint(), .region = "eu-central-1"});
    EXPECT_THAT(fails(store_.credentials, *lost), HasSubstr("there is no bucket elsewhere"));
}

TEST_F(S3Client, says_by_how_much_the_clock_is_wrong) {
    memory::ManualClock clock;  // far in the past, or in the future
    Client client({.location = store_.location(), .tries = quick}, store_.credentials, clock);
    const auto read = client.read("x", 0, 1);
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(read.error().message, testing::ContainsRegex("clock is wrong by [0-9]+ s \\(it is (ahead|behind)\\)"));
}

TEST_F(S3Client, finds_the_reason_where_a_head_does_not_tell_it) {
    store_.fake.misbehave("HeadObject", Trouble::denied);
    store_.fake.misbehave("GetObject", Trouble::denied);
    EXPECT_THAT(client_.size("x").error().message, HasSubstr("s3:ListBucket on the bucket"));
}

TEST_F(S3Client, takes_new_keys_when_the_old_ones_are_known_no_more) {
    contract::TempFolder folder;
    const std::string path = folder.path() / "keys";
    const auto write_keys = [&](const std::string& access, const std::string& secret) {
        const std::string text =
            "[default]\naws_access_key_id = " + access + "\naws_secret_access_key=" + secret + "\n";
        std::FILE* file = std::fopen(path.c_str(), "w");
        std::fwrite(text.data(), 1, text.size(), file);
        std::fclose(file);
        ::chmod(path.c_str(), 0600);
    };
    write_keys("AKFAKE", store_.fake.settings().secret);
    Credentials credentials({.file = path, .environment = {}, .metadata = {}});
    Client client({.location = store_.location(), .tries = quick}, credentials, store_.clock);
    EXPECT_TRUE(client.write("x", body_of(text_)).ok());
    store_.fake.use_keys("AKNEXT", "next");
    EXPECT_FALSE(client.write("x", body_of(text_)).ok());
    write_keys("AKNEXT", "next");
    EXPECT_TRUE(client.write("x", body_of(text_)).ok());
}

TEST_F(S3Client, sees_errors_that_come_with_status_200) {
    for (const auto trouble : {Trouble::error_in_ok, Trouble::nothing_in_ok}) {
        const auto upload = client_.begin_upload("x");
        const auto tag = client_.write_part("x", *upload, 1, body_of(text_));
        store_.fake.misbehave("CompleteMultipartUpload", trouble, 2);
        EXPECT_TRUE(client_.end_upload("x", *upload, {*tag}).ok());
        EXPECT_EQ(store_.fake.objects().at("some/prefix/x"), text_);
        store_.fake.erase("some/prefix/x");
    }
}

TEST_F(S3Client, tells_a_lost_upload_from_other_trouble) {
    const auto upload = client_.begin_upload("x");
    store_.fake.forget_uploads();
    EXPECT_EQ(client_.write_part("x", *upload, 1, body_of(text_)).error().fault, Fault::conflict);
    EXPECT_EQ(client_.end_upload("x", *upload, {"\"tag\""}).error().fault, Fault::conflict);
    EXPECT_TRUE(client_.forget_upload("x", *upload).ok());
}

TEST_F(S3Client, lists_uploads_that_nobody_ended) {
    std::set<std::string> begun;
    for (int i = 0; i < 5; ++i) begun.insert(*client_.begin_upload("x" + std::to_string(i)));
    store_.fake.age(std::chrono::hours(3));
    std::set<std::string> found;
    std::string from;
    do {
        const auto page = client_.unfinished_uploads(from, 2).value();
        for (const auto& upload : page.uploads) {
            EXPECT_TRUE(upload.key.starts_with("x")) << upload.key;
            EXPECT_GE(upload.age, std::chrono::hours(3));
            EXPECT_TRUE(found.insert(upload.id).second);
        }
        from = page.next_key;
    } while (!from.empty());
    EXPECT_EQ(found, begun);
}

TEST_F(S3Client, tells_how_long_objects_are_there_by_the_stores_clock) {
    store_.fake.put("some/prefix/x", text_);
    store_.fake.age(std::chrono::hours(5));
    EXPECT_GE((*client_.look("x"))->idle, std::chrono::hours(5));
    EXPECT_GE(client_.list("", "")->objects.at(0).idle, std::chrono::hours(5));
    EXPECT_FALSE(client_.look("y")->has_value());
    store_.fake.age(std::chrono::hours(-50));
    EXPECT_EQ((*client_.look("x"))->idle.count(), 0) << "written in the future";
}

TEST_F(S3Client, turns_more_calls_away_than_may_wait) {
    Client client({.location = store_.location(), .tries = quick, .calls_at_once = 1}, store_.credentials,
                  store_.clock);
    store_.fake.put("some/prefix/x", text_);
    store_.fake.stand_still();
    std::thread waiting([&] { EXPECT_EQ(client.read("x", 0, 99)->bytes, text_); });
    test::eventually("the first call is held", [&] { return store_.fake.held() == 1; });
    const auto turned_away = client.read("x", 0, 99);
    store_.fake.go_on();
    waiting.join();
    ASSERT_FALSE(turned_away.ok());
    EXPECT_EQ(turned_away.error().fault, Fault::unavailable);
    EXPECT_THAT(turned_away.error().message, HasSubstr("too many calls"));
    EXPECT_TRUE(client.read("x", 0, 99).ok());
}

TEST_F(S3Client, says_who_cannot_be_reached) {
    const auto nobody = Location::parse({.url = "s3://bucket", .endpoint = "http://127.0.0.1:1", .region = "r"});
    auto client = store_.client(*nobody, {.most = 1, .whole = std::chrono::seconds{60}});
    const auto read = client.read("x", 0, 1);
    EXPECT_EQ(read.error().fault, Fault::unavailable);
    EXPECT_THAT(read.error().message, HasSubstr("s3://bucket at 127.0.0.1:1"));
}

}  // namespace
}  // namespace gyre::s3
