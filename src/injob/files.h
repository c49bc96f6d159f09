#pragma once

// Small questions about files that the agent asks inside a job.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

// Copies a file to `out`. `too_large` before the first byte when it has more than `most` bytes.
Result<void> copy_file_to(int out, const std::string& path, std::int64_t most);

struct XmlFiles {
    std::vector<std::string> paths;  // sorted
    bool cut = false;                // there were more than the limit
};
// *.xml below a directory, not in directories whose names begin with a dot, not through symbolic links to directories.
// A path of a file gives that file.
Result<XmlFiles> find_xml(const std::string& path, std::size_t most);

// All of `bytes`. False when the other end is gone.
bool write_all(int fd, std::string_view bytes);
Result<std::string> read_all(int fd, std::size_t most);

}  // namespace gyre::injob
