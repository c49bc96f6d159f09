#pragma once

// The promises of ports/blob_store.h.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/digest.h"
#include "ports/blob_store.h"
#include "ports/contract/examples.h"
#include "ports/contract/threads.h"

namespace gyre::contract {

// Everything from `from` on, read in small pieces.
inline Result<std::string> read_blob(BlobStore& blobs, const std::string& name, std::int64_t from = 0) {
    GYRE_TRY_ASSIGN(const auto reader, blobs.open(name, from));
    std::string all;
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(7));
        if (piece.empty()) return all;
        all += piece;
    }
}

// What a world of tests lacks on this machine; empty: nothing. Such a world may be made, and has no stores.
template <typename World>
std::string needs_of() {
    if constexpr (requires { World::needs(); }) return World::needs();
    return "";
}

template <typename World>
class BlobStoreContract : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string lacking = needs_of<World>(); !lacking.empty()) GTEST_SKIP() << lacking;
    }
    BlobStore& blobs() { return world_.stores.blob_store(); }
    World world_;
    const std::string text_ = "The quick brown fox jumps over the lazy dog";
    const std::string name_ = sha256_hex(text_);
    const std::int64_t size_ = std::ssize(text_);
};
TYPED_TEST_SUITE_P(BlobStoreContract);

TYPED_TEST_P(BlobStoreContract, ABlobAppearsWholeOrNotAtAll) {
    EXPECT_FALSE(*this->blobs().exists(this->name_));
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 0);
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_.substr(0, 10)).ok());
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 10);
    EXPECT_FALSE(*this->blobs().exists(this->name_));
    expect_fault(this->blobs().open(this->name_), Fault::not_found);
    EXPECT_TRUE(this->blobs().append(this->name_, 10, this->size_, this->text_.substr(10)).ok());
    EXPECT_TRUE(*this->blobs().exists(this->name_));
    EXPECT_EQ(*read_blob(this->blobs(), this->name_), this->text_);
    EXPECT_EQ((*this->blobs().open(this->name_))->size(), this->size_);
}

TYPED_TEST_P(BlobStoreContract, AnEmptyBlobIsABlob) {
    const auto name = sha256_hex("");
    EXPECT_TRUE(this->blobs().append(name, 0, 0, "").ok());
    EXPECT_TRUE(*this->blobs().exists(name));
    EXPECT_EQ(*read_blob(this->blobs(), name), "");
}

TYPED_TEST_P(BlobStoreContract, AnUploadGoesOnWhereItStopped) {
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_.substr(0, 10)).ok());
    for (const std::int64_t wrong : {0, 9, 11, 40}) {
        expect_fault(this->blobs().append(this->name_, wrong, this->size_, "x"), Fault::conflict);
        EXPECT_EQ(*this->blobs().partial_length(this->name_), 10) << wrong;
    }
    EXPECT_TRUE(this->blobs().append(this->name_, 10, this->size_, this->text_.substr(10)).ok());
    EXPECT_EQ(*read_blob(this->blobs(), this->name_), this->text_);
}

TYPED_TEST_P(BlobStoreContract, AWrongHashDiscardsTheUpload) {
    const std::string wrong(this->text_.size(), 'x');
    expect_fault(this->blobs().append(this->name_, 0, this->size_, wrong), Fault::corrupt);
    EXPECT_FALSE(*this->blobs().exists(this->name_));
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 0);
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_).ok());
    EXPECT_EQ(*read_blob(this->blobs(), this->name_), this->text_);
}

TYPED_TEST_P(BlobStoreContract, AnUploadThatIsLongerThanTheBlobStartsAgain) {
    EXPECT_TRUE(this->blobs().append(this->name_, 0, 1000, std::string(100, 'x')).ok());
    expect_fault(this->blobs().append(this->name_, 0, this->size_, this->text_), Fault::corrupt);
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 0);
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_).ok());
}

TYPED_TEST_P(BlobStoreContract, AppendingToAPublishedBlobIsANoOp) {
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_).ok());
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_.substr(0, 5)).ok());
    EXPECT_TRUE(this->blobs().append(this->name_, 20, this->size_, "anything").ok());
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 0);
    EXPECT_EQ(*read_blob(this->blobs(), this->name_), this->text_);
}

TYPED_TEST_P(BlobStoreContract, APieceMustLieWithinTheBlob) {
    struct Case {
        std::int64_t offset;
        std::int64_t total;
    };
    for (const auto& [offset, total] : std::vector<Case>{{-1, 10}, {0, -1}, {0, 3}, {8, 10}, {INT64_MAX, INT64_MAX}}) {
        expect_fault(this->blobs().append(this->name_, offset, total, "12345"), Fault::invalid);
    }
    EXPECT_EQ(*this->blobs().partial_length(this->name_), 0);
}

TYPED_TEST_P(BlobStoreContract, ReadingMayStartInTheMiddle) {
    EXPECT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_).ok());
    EXPECT_EQ(*read_blob(this->blobs(), this->name_, 40), "dog");
    EXPECT_EQ(*read_blob(this->blobs(), this->name_, this->size_), "");
    expect_fault(this->blobs().open(this->name_, this->size_ + 1), Fault::invalid);
    expect_fault(this->blobs().open(this->name_, -1), Fault::invalid);
}

TYPED_TEST_P(BlobStoreContract, ManyMayUploadTheSameBlobAtOnce) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += std::to_string(i) + ",";
    const auto name = sha256_hex(text);
    in_threads(4, [&](int) {
        while (!*this->blobs().exists(name)) {
            const auto offset = *this->blobs().partial_length(name);
            const auto piece = text.substr(static_cast<std::size_t>(offset), 500);
            const auto done = this->blobs().append(name, offset, std::ssize(text), piece);
            if (!done) {
                EXPECT_EQ(done.error().fault, Fault::conflict) << done.error().message;
            }
        }
    });
    EXPECT_EQ(*read_blob(this->blobs(), name), text);
}

TYPED_TEST_P(BlobStoreContract, OnlySixtyFourLowerCaseHexDigitsAreAName) {
    const std::vector<std::string> names = {
        "",
        "..",
        "../../etc/passwd",
        std::string(64, '.'),
        std::string(63, 'a'),
        std::string(65, 'a'),
        std::string(64, 'A'),
        std::string(64, 'g'),
        std::string(62, 'a') + "/a",
        std::string(63, 'a') + '\0',
        std::string(64, '\0'),
        std::string(100'000, 'a'),
        "/" + std::string(63, 'a'),
        std::string(32, '.') + std::string(32, '/'),
    };
    for (const auto& name : names) {
        const auto shown = name.substr(0, 70);
        EXPECT_EQ(this->blobs().exists(name).error().fault, Fault::invalid) << shown;
        EXPECT_EQ(this->blobs().partial_length(name).error().fault, Fault::invalid) << shown;
        EXPECT_EQ(this->blobs().append(name, 0, 1, "x").error().fault, Fault::invalid) << shown;
        EXPECT_EQ(this->blobs().open(name).error().fault, Fault::invalid) << shown;
    }
}

TYPED_TEST_P(BlobStoreContract, OnlyWhatIsDamagedIsDiscarded) {
    EXPECT_FALSE(*this->blobs().discard_damaged(this->name_)) << "it is not there";
    ASSERT_TRUE(this->blobs().append(this->name_, 0, this->size_, this->text_).ok());
    EXPECT_FALSE(*this->blobs().discard_damaged(this->name_)) << "it is sound";
    EXPECT_EQ(*read_blob(this->blobs(), this->name_), this->text_);
}

REGISTER_TYPED_TEST_SUITE_P(BlobStoreContract, OnlyWhatIsDamagedIsDiscarded, AnUploadThatIsLongerThanTheBlobStartsAgain,
                            ABlobAppearsWholeOrNotAtAll, AnEmptyBlobIsABlob, AnUploadGoesOnWhereItStopped,
                            AWrongHashDiscardsTheUpload, AppendingToAPublishedBlobIsANoOp, APieceMustLieWithinTheBlob,
                            ReadingMayStartInTheMiddle, ManyMayUploadTheSameBlobAtOnce,
                            OnlySixtyFourLowerCaseHexDigitsAreAName);

}  // namespace gyre::contract
