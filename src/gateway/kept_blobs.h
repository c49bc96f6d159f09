#pragma once

// What caches and workspace layers consist of in a store.

#include <string>

#include "ports/blob_store.h"

namespace gyre::gateway {

// The list of chunks that a tree is; empty: it is a whole stream, as earlier agents stored them. Errors: as of the
// store's; `too_large`.
Result<std::string> read_tree_list(BlobStore& blobs, const std::string& tree);

}  // namespace gyre::gateway
