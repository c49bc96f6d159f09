#pragma once

// The directory of uploads that are not whole yet, a file for each by its blob's name. Blob stores keep it on a disk of
// their own wherever the whole blobs go.

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/fs/folder.h"
#include "base/result.h"

namespace gyre::fs {

// invalid: this names no blob.
Result<void> check_blob_name(const std::string& sha256);

// How much of a blob has come. 0: nothing yet.
Result<std::int64_t> uploaded_length(const Folder& partial, const std::string& sha256);

// Removes what nobody went on with for so long. A failure is passed over: it must not keep a server from starting.
void remove_old_uploads(const Folder& partial, std::chrono::hours keep);

}  // namespace gyre::fs
