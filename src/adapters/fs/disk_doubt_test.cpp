#include "adapters/fs/disk_doubt.h"

#include <gtest/gtest.h>

#include <future>

#include "adapters/fs/test_calls.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::fs {
namespace {

using contract::expect_fault;

class DoubtfulDisk : public testing::Test {
protected:
    void fail() { expect_fault(doubt_.heed(Result<void>(unavailable("the disk failed"))), Fault::unavailable); }
    Result<void> settle() { return doubt_.settle(folder_); }

    contract::TempFolder place_;
    Folder folder_ = Folder::open(place_.path()).value();
    DiskDoubt doubt_;
};

TEST_F(DoubtfulDisk, IsTriedOnceAndThenTrustedUntilItFailsAgain) {
    int syncs = 0;
    const SyncHook hook([&](const std::string&) { return ++syncs, 0; });
    EXPECT_TRUE(settle().ok());
    EXPECT_EQ(syncs, 0);
    fail();
    EXPECT_TRUE(settle().ok());
    const int one_trial = syncs;
    EXPECT_GT(one_trial, 0);
    EXPECT_TRUE(settle().ok());
    EXPECT_EQ(syncs, one_trial);
    fail();
    EXPECT_TRUE(settle().ok());
    EXPECT_EQ(syncs, 2 * one_trial);
}

TEST_F(DoubtfulDisk, IsNotSaidToBeWellWhileItIsTried) {
    fail();
    std::future<Result<void>> other;
    const SyncHook hook([&](const std::string&) {
        if (!other.valid()) {
            other = std::async(std::launch::async, [&] { return settle(); });
            // Time for a wrong answer: the right one comes when this trial is over.
            other.wait_for(std::chrono::milliseconds(100));
        }
        return EIO;
    });
    expect_fault(settle(), Fault::unavailable);
    expect_fault(other.get(), Fault::unavailable);
}

TEST_F(DoubtfulDisk, ThatFailsDuringATrialIsTriedAgain) {
    fail();
    int trials = 0;
    const SyncHook hook([&](const std::string& path) {
        if (path.ends_with("trial") && ++trials == 1) fail();
        return 0;
    });
    EXPECT_TRUE(settle().ok());
    EXPECT_TRUE(settle().ok());
    EXPECT_TRUE(settle().ok());
    EXPECT_EQ(trials, 2);
}

}  // namespace
}  // namespace gyre::fs
