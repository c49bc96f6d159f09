#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "ports/contract/blob_store_contract.h"
#include "ports/contract/idle_blobs_contract.h"
#include "ports/contract/output_store_contract.h"
#include "ports/contract/raw_outputs_contract.h"
#include "ports/contract/temp_folder.h"

namespace gyre::contract {
namespace {

struct FileStores {
    std::unique_ptr<fs::FileBlobStore> blobs;
    std::unique_ptr<fs::FileOutputStore> outputs;
    BlobStore& blob_store() { return *blobs; }
    RawOutputs& output_store() { return *outputs; }
};

struct FileWorld {
    TempFolder folder;
    FileStores stores{fs::FileBlobStore::open(folder.path()).value(), fs::FileOutputStore::open(folder.path()).value()};
};

// No file stays open for the next call.
struct ForgetfulFileWorld {
    TempFolder folder;
    FileStores stores{fs::FileBlobStore::open(folder.path(), {.open_uploads = 0}).value(),
                      fs::FileOutputStore::open(folder.path(), {.open_files = 0}).value()};
};

using Worlds = testing::Types<FileWorld, ForgetfulFileWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(Files, BlobStoreContract, Worlds);
INSTANTIATE_TYPED_TEST_SUITE_P(Files, IdleBlobsContract, Worlds);
INSTANTIATE_TYPED_TEST_SUITE_P(Files, OutputStoreContract, Worlds);
INSTANTIATE_TYPED_TEST_SUITE_P(Files, RawOutputsContract, Worlds);

}  // namespace
}  // namespace gyre::contract
