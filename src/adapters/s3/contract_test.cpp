#include "adapters/s3/test_world.h"
#include "ports/contract/blob_store_contract.h"

namespace gyre::contract {
namespace {

struct S3Stores {
    std::unique_ptr<s3::S3BlobStore> blobs;
    BlobStore& blob_store() { return *blobs; }
};

// Nothing is small enough to be sent whole, or read at once.
struct S3World {
    TempFolder folder;
    s3::Store store{{.least_part = 16}};
    S3Stores stores{
        s3::S3BlobStore::open(store.client(), folder.path(), {.part_bytes = 16, .first_read = 5, .most_read = 11})
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
    S3Stores stores{
        s3::S3BlobStore::open(store.client(), folder.path(), {.open_uploads = 0, .known_blobs = 0}).value()};
};

using Worlds = testing::Types<S3World, TroubledS3World>;
INSTANTIATE_TYPED_TEST_SUITE_P(S3, BlobStoreContract, Worlds);

}  // namespace
}  // namespace gyre::contract
