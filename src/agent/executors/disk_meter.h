#pragma once

// What a box's files take of this machine's disk.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre::agent {

// Used by one thread, which may be another than the box's, while the box stands.
class DiskMeter {
public:
    virtual ~DiskMeter() = default;
    // `cancel`: a descriptor, or -1; readable: both end soon.
    // Paths on the file systems that hold the files, as far as they are known here.
    virtual std::vector<std::string> places(int cancel) = 0;
    // In bytes. Takes as long as there are files. Error: it could not be counted.
    virtual Result<std::int64_t> occupied(int cancel) = 0;
};

// Of all files below a directory, as far as bytes_below() sees them.
std::unique_ptr<DiskMeter> make_tree_meter(std::string directory);

// What the first says, and what is below a directory beside it, which need not be there; that alone where the first
// cannot count. Null where there is no first.
std::unique_ptr<DiskMeter> add_tree(std::unique_ptr<DiskMeter> meter, std::string directory);

// The blocks of all files and directories below `directory`, without what is mounted there. Links are not followed; a
// file of several names counts once if all of them are below. What may not be read is left out, as are files that
// are open and have no name any more. No depth of the tree and no race with who writes there leads out of it. After a
// minute, or with more directories waiting than 64 MB of paths, the answer is what was counted: no more than is there.
Result<std::int64_t> bytes_below(const std::string& directory, int cancel);

}  // namespace gyre::agent
