#include "adapters/s3/test_world.h"
#include "ports/contract/blob_store_contract.h"
#include "ports/contract/idle_blobs_contract.h"

namespace gyre::contract {
namespace {

// A touch is one however soon it comes, and blobs may go at once.
constexpr s3::IdleLimits at_once{.touch_again_after = std::chrono::seconds{0},
                                 .touch_remembered = std::chrono::seconds{0}};

struct S3Stores {
    std::unique_ptr<s3::S3BlobStore> blobs;
    BlobStore& blob_store() { return *blobs; }
};

// Nothing is small enough to be sent whole, or read at once.
struct S3World {
    TempFolder folder;
    s3::Store store{{.least_part = 16}};
    S3Stores stores{s3::S3BlobStore::open(store.client(), folder.path(),
                                          {.part_bytes = 16, .first_read = 5, .most_read = 11, .idle = at_once})
                        .value()};
};

// Nothing is remembered, and everything goes wrong once.
struct TroubledS3World {
    TroubledS3World() {
        for (const char* operation : {"PutObject", "GetObject", "HeadObject"})
            store.fake.misbehave(operation, test::Trouble::cut_after);
    }
    TempFolder folder;
    s3::Store store;
    S3Stores stores{s3::S3BlobStore::open(store.client(), folder.path(), {.open_uploads = 0, .idle = at_once}).value()};
};

using Worlds = testing::Types<S3World, TroubledS3World>;
INSTANTIATE_TYPED_TEST_SUITE_P(S3, BlobStoreContract, Worlds);
// Not where all is sent in parts: a server looks whether they became an object, and those of the test go at once.
INSTANTIATE_TYPED_TEST_SUITE_P(S3, IdleBlobsContract, testing::Types<TroubledS3World>);

}  // namespace
}  // namespace gyre::contract
