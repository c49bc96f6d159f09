#include "adapters/s3/blob_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/s3/test_world.h"
#include "base/digest.h"
#include "ports/contract/blob_store_contract.h"

namespace gyre::s3 {
namespace {

using contract::read_blob;
using test::Trouble;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t part = 1000;

class S3Blobs : public testing::Test {
protected:
    Store store_{{.least_part = part}};
    contract::TempFolder folder_;
    std::unique_ptr<S3BlobStore> blobs_ = open();
    std::string text_ = random_text(3500);  // three parts and a half
    std::string name_ = sha256_hex(text_);
    std::string key_ = "some/prefix/" + key_of_blob(name_);

    std::unique_ptr<S3BlobStore> open() {
        return S3BlobStore::open(store_.client(), folder_.path(),
                                 {.part_bytes = part, .first_read = 64, .most_read = 256})
            .value();
    }
    static std::string random_text(std::size_t bytes) {
        std::string text;
        for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i * 7919) + "\n";
        text.resize(bytes);
        return text;
    }
    // From where the upload stands, in pieces; the last answer.
    Result<void> send(std::int64_t until = -1, std::int64_t piece = 300) {
        const auto total = std::ssize(text_);
        Result<void> done;
        for (auto at = blobs_->partial_length(name_).value(); at < (until < 0 ? total : until);) {
            const auto now = std::min(piece, (until < 0 ? total : until) - at);
            done = blobs_->append(
                name_, at, total,
                std::string_view(text_).substr(static_cast<std::size_t>(at), static_cast<std::size_t>(now)));
            if (!done) return done;
            at += now;
        }
        return done;
    }
    Result<void> send_nothing() { return blobs_->append(name_, std::ssize(text_), std::ssize(text_), ""); }
    void expect_stored() {
        const auto objects = store_.fake.objects();
        ASSERT_TRUE(objects.contains(key_));
        EXPECT_EQ(objects.at(key_), text_);
        EXPECT_EQ(read_blob(*open(), name_).value_or("unreadable"), text_);
        EXPECT_EQ(store_.fake.uploads(), 0U) << "an upload was begun and never ended";
        EXPECT_THAT(left(), IsEmpty());
        EXPECT_THAT(store_.fake.refusals(), IsEmpty());
    }
    std::vector<std::string> left() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "partial"))
            names.push_back(entry.path().filename());
        return names;
    }
};

TEST_F(S3Blobs, are_sent_in_parts_while_the_rest_still_comes) {
    ASSERT_TRUE(send(2500).ok());
    EXPECT_EQ(store_.fake.count("UploadPart"), 2);
    EXPECT_FALSE(store_.fake.objects().contains(key_));
    ASSERT_TRUE(send().ok());
    expect_stored();
    EXPECT_EQ(store_.fake.count("UploadPart"), 4);
}

TEST_F(S3Blobs, are_touched_without_reading_any_of_their_bytes) {
    EXPECT_FALSE(blobs_->touch(name_)->has_value());
    ASSERT_TRUE(send().ok());
    EXPECT_EQ(*open()->touch(name_), std::ssize(text_)) << "by one who knows nothing of it yet";
    EXPECT_EQ(store_.fake.count("GetObject"), 0);
    EXPECT_FALSE(blobs_->touch("not a name").ok());
}

TEST_F(S3Blobs, are_sent_whole_when_they_are_small) {
    text_.resize(part);
    name_ = sha256_hex(text_);
    key_ = "some/prefix/" + key_of_blob(name_);
    ASSERT_TRUE(send().ok());
    expect_stored();
    EXPECT_EQ(store_.fake.count("CreateMultipartUpload"), 0);
}

TEST_F(S3Blobs, may_end_with_a_full_part) {
    text_.resize(3 * part);
    name_ = sha256_hex(text_);
    key_ = "some/prefix/" + key_of_blob(name_);
    ASSERT_TRUE(send(-1, 3 * part).ok());
    expect_stored();
    EXPECT_EQ(store_.fake.count("UploadPart"), 3);
}

TEST_F(S3Blobs, go_on_where_they_stopped_after_a_restart_and_keep_the_parts_that_were_sent) {
    ASSERT_TRUE(send(2500).ok());
    blobs_ = open();
    EXPECT_EQ(*blobs_->partial_length(name_), 2500);
    ASSERT_TRUE(send().ok());
    expect_stored();
    EXPECT_EQ(store_.fake.count("UploadPart"), 4) << "none was sent twice";
    EXPECT_EQ(store_.fake.count("CreateMultipartUpload"), 1);
}

TEST_F(S3Blobs, begin_again_when_the_note_of_their_parts_is_damaged) {
    ASSERT_TRUE(send(2500).ok());
    std::filesystem::resize_file(folder_.path() / "partial" / (name_ + ".parts"), 20);
    blobs_ = open();
    ASSERT_TRUE(send().ok());
    EXPECT_EQ(store_.fake.objects().at(key_), text_);
}

TEST_F(S3Blobs, are_not_shown_when_our_own_disk_changed_them) {
    ASSERT_TRUE(send(2500).ok());
    {
        const Fd file(::open((folder_.path() / "partial" / name_).c_str(), O_WRONLY));
        ASSERT_EQ(::pwrite(file.get(), "x", 1, 10), 1);
    }
    blobs_ = open();
    EXPECT_EQ(send().error().fault, Fault::corrupt);
    EXPECT_FALSE(store_.fake.objects().contains(key_));
    EXPECT_EQ(*blobs_->partial_length(name_), 0);
    ASSERT_TRUE(send().ok());
    expect_stored();
}

TEST_F(S3Blobs, are_stored_whatever_passes_in_between) {
    for (const char* operation : {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}) {
        for (const auto trouble : {Trouble::internal_error, Trouble::slow_down, Trouble::cut_before, Trouble::cut_after,
                                   Trouble::error_in_ok, Trouble::nothing_in_ok}) {
            const bool in_body = trouble == Trouble::error_in_ok || trouble == Trouble::nothing_in_ok;
            if (in_body && operation == std::string("UploadPart")) continue;
            store_.fake.misbehave(operation, trouble);
            EXPECT_TRUE(send().ok()) << operation << " " << static_cast<int>(trouble);
            EXPECT_EQ(store_.fake.objects()[key_], text_) << operation << " " << static_cast<int>(trouble);
            store_.fake.erase(key_);
            blobs_ = open();  // which knows of none
        }
    }
}

TEST_F(S3Blobs, are_found_stored_when_the_answer_to_their_end_got_lost) {
    store_.fake.misbehave("CompleteMultipartUpload", Trouble::cut_after);
    ASSERT_TRUE(send().ok());
    expect_stored();
}

TEST_F(S3Blobs, are_sent_anew_when_their_parts_got_lost) {
    ASSERT_TRUE(send(3400).ok());
    store_.fake.forget_uploads();
    const auto failed = send();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().fault, Fault::unavailable) << failed.error().message;
    for (int tries = 0; tries < 3 && !send_nothing().ok(); ++tries) (void)send();
    expect_stored();
}

TEST_F(S3Blobs, are_sent_anew_when_a_part_has_another_tag) {
    store_.fake.misbehave("UploadPart", Trouble::wrong_tag);
    EXPECT_EQ(send().error().fault, Fault::unavailable);
    EXPECT_EQ(*blobs_->partial_length(name_), std::ssize(text_));
    ASSERT_TRUE(send_nothing().ok());
    expect_stored();
}

TEST_F(S3Blobs, wait_on_our_disk_while_the_store_is_away_and_take_no_more_than_a_part) {
    store_.fake.misbehave("CreateMultipartUpload", Trouble::internal_error, 1'000'000);
    const auto failed = send();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().fault, Fault::unavailable);
    EXPECT_LE(*blobs_->partial_length(name_), part + 300);
}

TEST_F(S3Blobs, wait_for_the_administrator_when_access_is_denied) {
    store_.fake.misbehave("PutObject", Trouble::denied);
    text_.resize(100);
    name_ = sha256_hex(text_);
    key_ = "some/prefix/" + key_of_blob(name_);
    const auto failed = send();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().fault, Fault::unavailable);
    EXPECT_THAT(failed.error().message, HasSubstr("s3:PutObject"));
    ASSERT_TRUE(send_nothing().ok());
    expect_stored();
}

TEST_F(S3Blobs, are_hashed_when_they_are_read) {
    ASSERT_TRUE(send().ok());
    const auto other = open();
    store_.fake.misbehave("GetObject", Trouble::other_bytes);
    EXPECT_EQ(read_blob(*other, name_).error().fault, Fault::corrupt);
    std::string shorter = text_;
    shorter.pop_back();
    store_.fake.put(key_, shorter);
    EXPECT_EQ(read_blob(*open(), name_).error().fault, Fault::corrupt);
}

TEST_F(S3Blobs, that_are_damaged_are_discarded_though_they_were_just_touched_and_can_be_stored_anew) {
    ASSERT_TRUE(send().ok());
    std::string changed = text_;
    changed.front() = static_cast<char>(changed.front() ^ 1);
    store_.fake.put(key_, changed);
    const auto blobs = open();
    EXPECT_TRUE(blobs->touch(name_)->has_value());
    EXPECT_TRUE(*blobs->discard_damaged(name_));
    EXPECT_FALSE(*blobs->exists(name_));
    ASSERT_TRUE(send().ok());
    expect_stored();
    EXPECT_FALSE(*open()->discard_damaged(name_));
}

TEST_F(S3Blobs, are_read_on_after_each_cut) {
    ASSERT_TRUE(send().ok());
    store_.fake.misbehave("GetObject", Trouble::cut_within, 3);
    EXPECT_EQ(read_blob(*open(), name_).value_or("unreadable"), text_);
}

TEST_F(S3Blobs, are_asked_for_no_more_than_needed) {
    const auto calls_of = [&](const auto& act) {
        const auto before = store_.fake.calls().size();
        act();
        return store_.fake.calls().size() - before;
    };
    ASSERT_TRUE(send().ok());
    EXPECT_EQ(calls_of([&] { EXPECT_EQ(*blobs_->touch(name_), std::ssize(text_)); }), 1U);
    EXPECT_EQ(calls_of([&] { EXPECT_EQ((*blobs_->open(name_, 0))->size(), std::ssize(text_)); }), 1U);
    EXPECT_EQ(calls_of([&] { EXPECT_TRUE(blobs_->append(name_, 0, std::ssize(text_), "x").ok()); }), 1U);
}

// Somebody removed it behind our back, a moment after we were told that it was there.
TEST_F(S3Blobs, that_are_gone_are_found_gone_and_stored_anew) {
    ASSERT_TRUE(send().ok());
    EXPECT_TRUE(blobs_->touch(name_)->has_value());
    store_.fake.erase(key_);
    EXPECT_FALSE(blobs_->touch(name_)->has_value());
    EXPECT_FALSE(*blobs_->exists(name_));
    EXPECT_EQ(blobs_->open(name_, 0).error().fault, Fault::not_found);
    ASSERT_TRUE(send().ok());
    expect_stored();
}

TEST_F(S3Blobs, beyond_the_limit_are_too_large) {
    const auto small = S3BlobStore::open(store_.client(), folder_.path(), {.blob_bytes = 100}).value();
    EXPECT_EQ(small->append(name_, 0, 101, "x").error().fault, Fault::too_large);
}

TEST_F(S3Blobs, of_several_servers_are_the_same_object) {
    contract::TempFolder elsewhere;
    const auto other = S3BlobStore::open(store_.client(), elsewhere.path(), {.part_bytes = part}).value();
    ASSERT_TRUE(send(2500).ok());
    ASSERT_TRUE(other->append(name_, 0, std::ssize(text_), text_).ok());
    ASSERT_TRUE(send().ok());
    expect_stored();
}

}  // namespace
}  // namespace gyre::s3
