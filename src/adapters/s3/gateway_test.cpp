// All of it against a server of S3 that is not ours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/memory/manual_clock.h"
#include "adapters/s3/blob_store.h"
#include "adapters/s3/owner_mark.h"
#include "adapters/s3/probe.h"
#include "base/digest.h"
#include "base/random.h"
#include "ports/contract/idle_blobs_contract.h"
#include "ports/contract/temp_folder.h"
#include "support/s3_gateway.h"

namespace gyre::s3 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr Tries few{.most = 3, .whole = seconds{60}, .first_pause = milliseconds{1}, .longest_pause = milliseconds{2}};
constexpr std::int64_t part = 5 << 20;  // no server takes smaller ones

struct Wanted {
    std::string bucket = {};
    std::string region = {};
    std::string access = {};
    std::string secret = {};
    const Clock* clock = nullptr;
};

// Of a prefix of its own, so that many may use one server.
class Away {
public:
    explicit Away(test::S3Gateway& gateway) : gateway_(gateway) {}

    Client client(const Wanted& wanted = {}) {
        const auto given = [](const std::string& one, const std::string& usual) { return one.empty() ? usual : one; };
        const auto location =
            Location::parse({.url = "s3://" + given(wanted.bucket, gateway_.bucket()) + "/some/" + prefix_,
                             .endpoint = gateway_.endpoint(),
                             .region = given(wanted.region, gateway_.region())})
                .value();
        keys_.push_back(std::make_unique<Credentials>(CredentialSettings{
            .file = {},
            .environment = Keys{given(wanted.access, gateway_.access()), given(wanted.secret, gateway_.secret()), ""},
            .metadata = {}}));
        return Client({.location = location, .encryption = {}, .transport = {}, .tries = few}, *keys_.back(),
                      wanted.clock ? *wanted.clock : clock_);
    }

private:
    test::S3Gateway& gateway_;
    std::string prefix_ = random_token(8);
    SystemClock clock_;
    std::vector<std::unique_ptr<Credentials>> keys_;
};

Body body_of(const std::string& text) { return {std::string_view(text), sha256_hex(text)}; }

class S3Gateway : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (test::S3Gateway::needs().empty()) gateway_ = std::make_unique<test::S3Gateway>();
    }
    static void TearDownTestSuite() { gateway_.reset(); }
    void SetUp() override {
        if (!gateway_) GTEST_SKIP() << test::S3Gateway::needs();
        away_ = std::make_unique<Away>(*gateway_);
    }
    Client client(const Wanted& wanted = {}) { return away_->client(wanted); }
    std::unique_ptr<S3BlobStore> blobs() {
        return S3BlobStore::open(client(), folder_.path(), {.part_bytes = part}).value();
    }
    // What must be refused, and the words that say what to do.
    void expect_refused(const Wanted& wanted, Fault fault, const std::string& advice) {
        auto one = client(wanted);
        const auto done = one.write("x", body_of("text"));
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().fault, fault) << done.error().message;
        EXPECT_THAT(done.error().message, HasSubstr(advice));
        EXPECT_THAT(done.error().message, Not(HasSubstr(gateway_->secret())));
        EXPECT_FALSE(client().look("x")->has_value());
    }

    static std::unique_ptr<test::S3Gateway> gateway_;
    std::unique_ptr<Away> away_;
    contract::TempFolder folder_;
};
std::unique_ptr<test::S3Gateway> S3Gateway::gateway_;

TEST_F(S3Gateway, takes_gives_tells_of_and_removes_objects) {
    auto one = client();
    ASSERT_TRUE(probe(one).ok());
    ASSERT_TRUE(one.write("a/b", body_of("some bytes")).ok());
    const auto facts = one.look("a/b");
    ASSERT_TRUE(facts.ok() && *facts) << facts.error().message;
    EXPECT_EQ((*facts)->size, 10);
    EXPECT_LT((*facts)->idle, seconds{600});
    EXPECT_EQ(one.read("a/b", 5, 3)->bytes, "byt");
    EXPECT_EQ(one.read("a/b", 5, 100)->bytes, "bytes");
    EXPECT_EQ(one.read("a/b", 5, 100)->size, 10);
    EXPECT_EQ(one.read("a/b", 10, 5)->bytes, "");
    EXPECT_EQ(one.read("a/b", 99, 5)->size, 10);
    ASSERT_TRUE(one.write("empty", body_of("")).ok());
    EXPECT_EQ(one.read("empty", 0, 5)->size, 0);
    ASSERT_TRUE(one.remove("a/b").ok());
    EXPECT_TRUE(one.remove("a/b").ok()) << "it is gone already";
    EXPECT_EQ(one.size("a/b").error().fault, Fault::not_found);
    EXPECT_EQ(one.read("a/b", 0, 5).error().fault, Fault::not_found);
}

TEST_F(S3Gateway, lists_in_pages) {
    auto one = client();
    std::set<std::string> keys;
    for (int i = 0; i < 23; ++i) keys.insert("objects/" + std::to_string(i % 3) + "/" + std::to_string(i));
    for (const auto& key : keys) ASSERT_TRUE(one.write(key, body_of(key)).ok());
    ASSERT_TRUE(one.write("other", body_of("other")).ok());
    std::set<std::string> listed;
    std::string from;
    int pages = 0;
    do {
        const auto page = one.list("objects/", from, 5);
        ASSERT_TRUE(page.ok()) << page.error().message;
        for (const auto& object : page->objects) {
            EXPECT_TRUE(listed.insert(object.key).second) << object.key;
            EXPECT_EQ(object.size, std::ssize(object.key));
            EXPECT_LT(object.idle, seconds{600});
        }
        from = page->next;
        ++pages;
    } while (!from.empty() && pages < 100);
    EXPECT_EQ(listed, keys);
    EXPECT_GE(pages, 5);
}

TEST_F(S3Gateway, has_the_marks_of_installations) {
    auto one = client();
    EXPECT_EQ(*read_mark(one), "");
    const std::string id = random_uuid();
    EXPECT_EQ(*put_mark(one, id), id);
    EXPECT_EQ(*put_mark(one, random_uuid()), id) << "the first one stays";
    EXPECT_EQ(*one.write_new("new", body_of("1")), Client::New::written);
    EXPECT_EQ(*one.write_new("new", body_of("2")), Client::New::there_already);
    EXPECT_EQ(one.read("new", 0, 9)->bytes, "1");
}

TEST_F(S3Gateway, refuses_wrong_keys_regions_buckets_and_clocks_and_we_say_what_to_do) {
    expect_refused({.secret = "another/secret"}, Fault::denied, "the secret key does not belong to the access key");
    expect_refused({.access = "AKNOBODY"}, Fault::denied, "the access key is not known there");
    expect_refused({.region = "us-west-2"}, Fault::invalid, "objects_region");
    expect_refused({.bucket = "no-such-bucket"}, Fault::invalid, "there is no bucket no-such-bucket");
    memory::ManualClock ahead(SystemClock().now() + std::chrono::minutes(40));
    expect_refused({.clock = &ahead}, Fault::unavailable, "this machine's clock is wrong by 24");
}

TEST_F(S3Gateway, refuses_bytes_that_are_not_those_that_were_signed) {
    auto one = client();
    const auto done = one.write("x", {std::string_view("other bytes"), sha256_hex("these bytes")});
    ASSERT_FALSE(done.ok());
    EXPECT_FALSE(one.look("x")->has_value()) << done.error().message;
}

TEST_F(S3Gateway, lists_and_ends_uploads_that_nobody_goes_on_with) {
    auto one = client();
    std::set<std::string> begun;
    for (int i = 0; i < 5; ++i) begun.insert(*one.begin_upload(key_of_blob(sha256_hex(std::to_string(i)))));
    std::set<std::string> found;
    std::string from;
    for (int pages = 0; pages == 0 || (!from.empty() && pages < 20); ++pages) {
        const auto page = one.unfinished_uploads(from, 2);
        ASSERT_TRUE(page.ok()) << page.error().message;
        for (const auto& upload : page->uploads) EXPECT_TRUE(found.insert(upload.id).second) << upload.id;
        from = page->next_key;
    }
    EXPECT_EQ(found, begun);
    IdleBlobs patient(one, {});
    EXPECT_EQ(*patient.end_abandoned_uploads([] { return Result<void>(); }), 0);
    IdleBlobs impatient(one, {.upload_at_most = seconds{0}});
    EXPECT_EQ(*impatient.end_abandoned_uploads([] { return Result<void>(); }), 5);
    EXPECT_TRUE(one.unfinished_uploads()->uploads.empty());
}

// Killed while parts are sent, and back: what was sent is not lost.
TEST_F(S3Gateway, takes_large_blobs_in_parts_though_it_is_killed_in_between) {
    std::string text;
    while (text.size() < 2 * part + part / 2) text += sha256_hex(std::to_string(text.size()));
    const auto name = sha256_hex(text);
    const auto send = [&](S3BlobStore& to, std::int64_t until) -> Result<void> {
        for (auto at = *to.partial_length(name); at < until;) {
            const auto now = std::min<std::int64_t>(1 << 20, until - at);
            GYRE_TRY(
                to.append(name, at, std::ssize(text),
                          std::string_view(text).substr(static_cast<std::size_t>(at), static_cast<std::size_t>(now))));
            at += now;
        }
        return {};
    };
    auto store = blobs();
    ASSERT_TRUE(send(*store, part + (2 << 20)).ok());
    gateway_->kill();
    const auto away = send(*store, std::ssize(text));
    EXPECT_EQ(away.error().fault, Fault::unavailable) << away.error().message;
    EXPECT_EQ(store->touch(name).error().fault, Fault::unavailable);
    gateway_->start_again();
    store = blobs();  // we were restarted, too
    const auto sent = send(*store, std::ssize(text));
    ASSERT_TRUE(sent.ok()) << sent.error().message;
    EXPECT_EQ(**store->touch(name), std::ssize(text));
    const auto reader = store->open(name, 0);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    std::string back;
    for (;;) {
        const auto piece = (*reader)->read(1 << 20);
        ASSERT_TRUE(piece.ok()) << piece.error().message;
        if (piece->empty()) break;
        back += *piece;
    }
    EXPECT_EQ(sha256_hex(back), name);
    EXPECT_EQ((*store->open(name, part - 1))->read(2)->size(), 2U);
    EXPECT_TRUE(client().unfinished_uploads()->uploads.empty());
}

}  // namespace
}  // namespace gyre::s3

namespace gyre::contract {
namespace {

struct GatewayStores {
    std::unique_ptr<s3::S3BlobStore> blobs;
    BlobStore& blob_store() { return *blobs; }
};

// One server for all of them.
struct GatewayWorld {
    static std::string needs() { return test::S3Gateway::needs(); }
    static test::S3Gateway& gateway() {
        static test::S3Gateway one;
        return one;
    }
    GatewayWorld() {
        if (!needs().empty()) return;
        away = std::make_unique<s3::Away>(gateway());
        stores.blobs =
            s3::S3BlobStore::open(
                away->client(), folder.path(),
                {.first_read = 5,
                 .most_read = 11,
                 .idle = {.touch_again_after = std::chrono::seconds{0}, .touch_remembered = std::chrono::seconds{0}}})
                .value();
    }
    TempFolder folder;
    std::unique_ptr<s3::Away> away;
    GatewayStores stores;
};

using Worlds = testing::Types<GatewayWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(Gateway, BlobStoreContract, Worlds);
INSTANTIATE_TYPED_TEST_SUITE_P(Gateway, IdleBlobsContract, Worlds);

}  // namespace
}  // namespace gyre::contract
