#include "adapters/fs/blob_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <set>

#include "adapters/fs/test_calls.h"
#include "ports/contract/blob_store_contract.h"
#include "ports/contract/crash.h"
#include "ports/contract/full_disk.h"
#include "ports/contract/temp_folder.h"

namespace gyre::fs {
namespace {

using contract::expect_fault;
using contract::read_blob;

class FileBlobs : public testing::Test {
protected:
    std::unique_ptr<FileBlobStore> open(BlobLimits limits = {}) {
        return FileBlobStore::open(folder_.path(), limits).value();
    }
    std::filesystem::path object() const { return folder_.path() / "objects" / name_.substr(0, 2) / name_.substr(2); }
    std::filesystem::path partial() const { return folder_.path() / "partial" / name_; }
    static void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }
    Result<void> upload(BlobStore& blobs) { return blobs.append(name_, 0, std::ssize(text_), text_); }
    // Uploads; the blob stands in its place when `another` is asked, and then its name cannot be synced. The answer.
    template <typename Answer>
    Answer ask_during_a_failing_sync(FileBlobStore& blobs, const std::function<Answer()>& another) {
        std::future<Answer> answer;
        const SyncHook hook([&](const std::string& path) {
            if (path != object().parent_path() || answer.valid()) return 0;
            answer = std::async(std::launch::async, another);
            // Time for a wrong answer: the right one comes when the sync has failed.
            answer.wait_for(std::chrono::milliseconds(100));
            return EIO;
        });
        expect_fault(upload(blobs), Fault::unavailable);
        return answer.get();
    }

    contract::TempFolder folder_;
    const std::string text_ = std::string(100'000, 'x') + "the end";
    const std::string name_ = sha256_hex(text_);
};

// Found by failing syncs: who asked where to go on heard "at the end", and took the blob for stored.
TEST_F(FileBlobs, WhollyUploadedButNotInItsPlaceIsPutThereByTheNextPiece) {
    const auto blobs = open();
    write(partial(), text_);
    EXPECT_TRUE(blobs->append(name_, 50'000, std::ssize(text_), "whichever it is").ok());
    EXPECT_TRUE(*blobs->exists(name_));
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
    EXPECT_FALSE(std::filesystem::exists(partial()));
}

TEST_F(FileBlobs, CountAsStoredWhenTheyComeToTheirPlaceHoweverOldTheirBytesAre) {
    const auto blobs = open();
    write(partial(), text_);
    std::filesystem::last_write_time(partial(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(50));
    ASSERT_TRUE(blobs->append(name_, std::ssize(text_), std::ssize(text_), "").ok());
    EXPECT_FALSE(*blobs->remove(name_, std::chrono::hours(24)));
}

TEST_F(FileBlobs, WhollyUploadedButDamagedIsUploadedAgain) {
    const auto blobs = open();
    write(partial(), std::string(text_.size(), 'y'));
    expect_fault(blobs->append(name_, 0, std::ssize(text_), "xxx"), Fault::corrupt);
    EXPECT_FALSE(*blobs->exists(name_));
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_TRUE(*blobs->exists(name_));
}

TEST_F(FileBlobs, StandsInAFolderOfItsFirstTwoDigits) {
    EXPECT_TRUE(upload(*open()).ok());
    EXPECT_EQ(std::filesystem::file_size(object()), text_.size());
    EXPECT_FALSE(std::filesystem::exists(partial()));
}

TEST_F(FileBlobs, APublishedBlobIsSyncedWithEveryFolderThatLeadsToIt) {
    const auto blobs = open();
    // As a server leaves it that was killed right after it made the shelf.
    std::filesystem::create_directories(object().parent_path());
    std::set<std::string> synced;
    const SyncHook hook([&](const std::string& path) { return synced.insert(path), 0; });
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_TRUE(synced.contains(partial())) << "the bytes";
    EXPECT_TRUE(synced.contains(object().parent_path())) << "its name on the shelf";
    EXPECT_TRUE(synced.contains(folder_.path() / "objects")) << "the shelf's name";
}

TEST_F(FileBlobs, ABlobWhoseNameIsNotSyncedIsNotThere) {
    const auto blobs = open();
    EXPECT_FALSE(ask_during_a_failing_sync<bool>(*blobs, [&] { return *blobs->exists(name_); }));
    EXPECT_FALSE(ask_during_a_failing_sync<bool>(*blobs, [&] { return blobs->open(name_, 0).ok(); }));
}

TEST_F(FileBlobs, WhoHearsThatABlobIsStoredFindsIt) {
    const auto blobs = open();
    EXPECT_TRUE(ask_during_a_failing_sync<Result<void>>(*blobs, [&] { return upload(*blobs); }).ok());
    EXPECT_TRUE(*blobs->exists(name_));
}

TEST_F(FileBlobs, WhatAnotherServerPutInThePlaceMeanwhileStays) {
    const auto blobs = open();
    int failing = 1;
    const SyncHook hook([&](const std::string& path) {
        if (path == partial()) {
            std::filesystem::create_directories(object().parent_path());
            write(object(), "of the other");
        }
        return path == object().parent_path() && failing-- > 0 ? EIO : 0;
    });
    expect_fault(upload(*blobs), Fault::unavailable);
    EXPECT_EQ(std::filesystem::file_size(object()), std::string("of the other").size());
    EXPECT_FALSE(std::filesystem::exists(partial()));
    std::filesystem::remove(object());
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_EQ(std::filesystem::file_size(object()), std::string("of the other").size());
}

TEST_F(FileBlobs, StandInTheirPlaceAlsoWhereAFileCannotBeMovedWithoutReplacing) {
    const PlainRenames plain;
    const auto blobs = open();
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
    EXPECT_FALSE(std::filesystem::exists(partial()));
    const SyncHook hook([&](const std::string& path) {
        if (path == partial()) write(object(), "of the other");
        return 0;
    });
    std::filesystem::remove(object());
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_EQ(std::filesystem::file_size(object()), std::string("of the other").size());
    EXPECT_FALSE(std::filesystem::exists(partial()));
}

TEST_F(FileBlobs, AnUploadGoesOnAfterARestart) {
    EXPECT_TRUE(open()->append(name_, 0, std::ssize(text_), text_.substr(0, 60'000)).ok());
    const auto blobs = open();
    EXPECT_EQ(*blobs->partial_length(name_), 60'000);
    EXPECT_TRUE(blobs->append(name_, 60'000, std::ssize(text_), text_.substr(60'000)).ok());
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
}

TEST_F(FileBlobs, AWholeUploadThatWasNotPublishedIsPublishedByAppendingNothing) {
    const auto blobs = open();
    write(partial(), text_);
    EXPECT_EQ(*blobs->partial_length(name_), std::ssize(text_));
    EXPECT_TRUE(blobs->append(name_, std::ssize(text_), std::ssize(text_), "").ok());
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
}

TEST_F(FileBlobs, ARestartDoesNotHideWrongBytes) {
    const auto blobs = open();
    write(partial(), std::string(60'000, 'y'));
    expect_fault(blobs->append(name_, 60'000, std::ssize(text_), text_.substr(60'000)), Fault::corrupt);
    EXPECT_FALSE(std::filesystem::exists(partial()));
}

TEST_F(FileBlobs, AChangedByteIsFoundBeforeTheLastPieceIsHandedOut) {
    const auto blobs = open();
    EXPECT_TRUE(upload(*blobs).ok());
    std::fstream(object(), std::ios::in | std::ios::out).put('X');
    const auto read = read_blob(*blobs, name_);
    expect_fault(read, Fault::corrupt);
    EXPECT_NE(read.error().message.find(object().string()), std::string::npos);
}

TEST_F(FileBlobs, WhatIsDamagedIsDiscardedThoughItWasJustTouchedAndCanBeStoredAnew) {
    const auto blobs = open();
    EXPECT_TRUE(upload(*blobs).ok());
    std::fstream(object(), std::ios::in | std::ios::out).put('X');
    EXPECT_TRUE(blobs->touch(name_)->has_value());
    EXPECT_TRUE(*blobs->discard_damaged(name_));
    EXPECT_FALSE(*blobs->exists(name_));
    EXPECT_FALSE(blobs->touch(name_)->has_value());
    EXPECT_TRUE(upload(*blobs).ok());
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
    EXPECT_FALSE(*blobs->discard_damaged(name_));
}

TEST_F(FileBlobs, ACutFileIsCorrupt) {
    const auto blobs = open();
    EXPECT_TRUE(upload(*blobs).ok());
    const auto reader = blobs->open(name_, 50'000).value();
    std::filesystem::resize_file(object(), 60'000);
    EXPECT_TRUE(reader->read(10'000).ok());
    expect_fault(reader->read(10'000), Fault::corrupt);
    expect_fault(read_blob(*blobs, name_), Fault::corrupt);
}

TEST_F(FileBlobs, ASymbolicLinkIsNotFollowed) {
    const auto blobs = open();
    write(folder_.path() / "secret", text_);
    std::filesystem::create_directories(object().parent_path());
    std::filesystem::create_symlink(folder_.path() / "secret", object());
    EXPECT_FALSE(blobs->open(name_, 0).ok());
    std::filesystem::create_symlink(folder_.path() / "elsewhere", partial());
    EXPECT_FALSE(upload(*blobs).ok());
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "elsewhere"));
}

TEST_F(FileBlobs, TooLargeIsRefusedAtTheFirstByte) {
    const auto blobs = open({.blob_bytes = 1000});
    expect_fault(blobs->append(name_, 0, 1001, "x"), Fault::too_large);
    EXPECT_EQ(*blobs->partial_length(name_), 0);
}

TEST_F(FileBlobs, AFullDiskTakesNothingOfThePiece) {
    const auto blobs = open();
    EXPECT_TRUE(blobs->append(name_, 0, std::ssize(text_), text_.substr(0, 40'000)).ok());
    {
        const contract::FullDisk full(70'000);
        const auto refused = blobs->append(name_, 40'000, std::ssize(text_), text_.substr(40'000));
        expect_fault(refused, Fault::unavailable);
        EXPECT_NE(refused.error().message.find(partial().string()), std::string::npos) << refused.error().message;
    }
    EXPECT_EQ(*blobs->partial_length(name_), 40'000);
    EXPECT_TRUE(blobs->append(name_, 40'000, std::ssize(text_), text_.substr(40'000)).ok());
    EXPECT_EQ(*read_blob(*blobs, name_), text_);
}

TEST_F(FileBlobs, PartialUploadsThatNobodyTouchedForDaysAreRemovedAtTheStart) {
    open();
    write(partial(), "old");
    write(folder_.path() / "partial" / std::string(64, 'a'), "new");
    std::filesystem::last_write_time(partial(),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(200));
    open();
    EXPECT_FALSE(std::filesystem::exists(partial()));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "partial" / std::string(64, 'a')));
}

TEST_F(FileBlobs, AFolderThatCannotBeMadeIsNamed) {
    write(folder_.path() / "file", "");
    const auto opened = FileBlobStore::open(folder_.path() / "file" / "data");
    expect_fault(opened, Fault::unavailable);
    EXPECT_NE(opened.error().message.find("file"), std::string::npos);
}

TEST_F(FileBlobs, EveryAcknowledgedBlobIsWholeAfterAKill) {
    const auto text = [](int number) { return std::string(50'000, 'z') + std::to_string(number); };
    const int acknowledged = contract::acknowledged_until_killed(40, [&, blobs = std::shared_ptr(open())](int number) {
        const auto bytes = text(number);
        const auto half = std::ssize(bytes) / 2;
        const auto name = sha256_hex(bytes);
        return blobs->append(name, 0, std::ssize(bytes), bytes.substr(0, static_cast<std::size_t>(half))).ok() &&
               blobs->append(name, half, std::ssize(bytes), bytes.substr(static_cast<std::size_t>(half))).ok();
    });
    ASSERT_GE(acknowledged, 40);
    const auto blobs = open();
    for (int number = 1; number <= acknowledged; ++number) {
        EXPECT_EQ(*read_blob(*blobs, sha256_hex(text(number))), text(number));
    }
}

}  // namespace
}  // namespace gyre::fs
