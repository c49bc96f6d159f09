#pragma once

// The promises of ports/blob_store.h about what nobody names any more, for stores that are swept.

#include <atomic>
#include <map>

#include "ports/contract/blob_store_contract.h"

namespace gyre::contract {

template <typename World>
class IdleBlobsContract : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string lacking = needs_of<World>(); !lacking.empty()) GTEST_SKIP() << lacking;
    }
    BlobStore& blobs() { return world_.stores.blob_store(); }
    std::string store(const std::string& text) {
        const auto name = sha256_hex(text);
        EXPECT_TRUE(blobs().append(name, 0, std::ssize(text), text).ok());
        return name;
    }
    std::map<std::string, std::int64_t> all() {
        std::map<std::string, std::int64_t> sizes;
        EXPECT_TRUE(blobs()
                        .each([&](const IdleBlob& blob) -> Result<void> {
                            EXPECT_GE(blob.idle.count(), 0);
                            sizes[blob.sha256] = blob.size;
                            return {};
                        })
                        .ok());
        return sizes;
    }
    World world_;
};
TYPED_TEST_SUITE_P(IdleBlobsContract);

TYPED_TEST_P(IdleBlobsContract, BlobsThatAreWholeAreListed) {
    EXPECT_TRUE(this->all().empty());
    const auto one = this->store("one");
    const auto three = this->store("three");
    EXPECT_TRUE(this->blobs().append(sha256_hex("half"), 0, 4, "ha").ok());
    EXPECT_EQ((std::map<std::string, std::int64_t>{{one, 3}, {three, 5}}), this->all());
    int seen = 0;
    const auto broken_off = this->blobs().each([&](const IdleBlob&) -> Result<void> {
        ++seen;
        return conflict("enough");
    });
    expect_fault(broken_off, Fault::conflict);
    EXPECT_EQ(1, seen);
}

TYPED_TEST_P(IdleBlobsContract, AnIdleBlobIsRemovedAndMayComeAgain) {
    const auto name = this->store("text");
    EXPECT_FALSE(*this->blobs().remove(name, std::chrono::hours(1))) << "stored just now";
    EXPECT_TRUE(*this->blobs().exists(name));
    EXPECT_TRUE(*this->blobs().remove(name, std::chrono::seconds(0)));
    EXPECT_FALSE(*this->blobs().exists(name));
    EXPECT_FALSE(*this->blobs().remove(name, std::chrono::seconds(0)));
    EXPECT_FALSE(this->blobs().touch(name)->has_value());
    EXPECT_EQ(this->store("text"), name);
    EXPECT_EQ(*read_blob(this->blobs(), name), "text");
}

TYPED_TEST_P(IdleBlobsContract, ATouchTellsTheSize) {
    EXPECT_FALSE(this->blobs().touch(sha256_hex("none"))->has_value());
    EXPECT_EQ(4, **this->blobs().touch(this->store("text")));
    expect_fault(this->blobs().touch("../x"), Fault::invalid);
    expect_fault(this->blobs().remove("../x", std::chrono::seconds(0)), Fault::invalid);
}

// A save that finds a chunk there, while a sweep is about to remove it: one of them wins, and knows it.
TYPED_TEST_P(IdleBlobsContract, WhatATouchFoundIsNotRemovedAsIdle) {
    for (int round = 0; round < 50; ++round) {
        const auto name = this->store("chunk " + std::to_string(round));
        std::atomic<bool> found = false;
        std::atomic<bool> removed = false;
        in_threads(2, [&](int which) {
            if (which == 0) found = this->blobs().touch(name)->has_value();
            if (which == 1) removed = *this->blobs().remove(name, std::chrono::seconds(0));
        });
        EXPECT_EQ(*this->blobs().exists(name), !removed) << round;
        EXPECT_TRUE(removed || found) << round;
        EXPECT_FALSE(*this->blobs().remove(name, std::chrono::hours(1)));
    }
}

// Whoever appends to a blob that goes meanwhile stores it anew, or finds it there.
TYPED_TEST_P(IdleBlobsContract, AnUploadBesideASweepEndsWithTheBlobOrStartsAgain) {
    const std::string text(10'000, 'x');
    const auto name = sha256_hex(text);
    std::atomic<bool> done = false;
    in_threads(2, [&](int which) {
        for (int i = 0; which == 0 && i < 100; ++i) {
            const auto stored = this->blobs().append(name, 0, std::ssize(text), text);
            EXPECT_TRUE(stored.ok()) << stored.error().message;
        }
        if (which == 0) done = true;
        while (which == 1 && !done) EXPECT_TRUE(this->blobs().remove(name, std::chrono::seconds(0)).ok());
    });
    EXPECT_TRUE(this->blobs().append(name, 0, std::ssize(text), text).ok());
    EXPECT_EQ(*read_blob(this->blobs(), name), text);
}

REGISTER_TYPED_TEST_SUITE_P(IdleBlobsContract, BlobsThatAreWholeAreListed, AnIdleBlobIsRemovedAndMayComeAgain,
                            ATouchTellsTheSize, WhatATouchFoundIsNotRemovedAsIdle,
                            AnUploadBesideASweepEndsWithTheBlobOrStartsAgain);

}  // namespace gyre::contract
