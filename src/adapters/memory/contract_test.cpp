#include "adapters/memory/stores.h"
#include "ports/contract/blob_store_contract.h"
#include "ports/contract/idle_blobs_contract.h"
#include "ports/contract/output_store_contract.h"
#include "ports/contract/raw_outputs_contract.h"
#include "ports/contract/relational_contract.h"

namespace gyre::contract {
namespace {

struct MemoryWorld {
    memory::MemoryStores stores;
};

GYRE_RELATIONAL_CONTRACT(Memory, MemoryWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BlobStoreContract, testing::Types<MemoryWorld>);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, IdleBlobsContract, testing::Types<MemoryWorld>);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, OutputStoreContract, testing::Types<MemoryWorld>);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, RawOutputsContract, testing::Types<MemoryWorld>);

}  // namespace
}  // namespace gyre::contract
