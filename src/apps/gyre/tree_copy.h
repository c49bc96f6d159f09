#pragma once

// Copying caches and workspace layers that a job had from its server to a store of this machine. What is here already
// and sound is not asked for again; every blob is verified by its name.

#include <cstdint>
#include <string>

#include "apps/gyre/api_client.h"
#include "apps/gyre/job_run.h"
#include "ports/blob_store.h"

namespace gyre::apps {

struct CopiedTree {
    std::int64_t bytes = 0;  // that came over the network
};

// Errors: not_found (the server does not keep all of it any more), too_large (a whole stream of an earlier version, of
// more than 20 MB), unavailable, corrupt.
Result<CopiedTree> copy_tree(ApiClient& client, const NamedRun& run, const std::string& tree, BlobStore& store);

}  // namespace gyre::apps
