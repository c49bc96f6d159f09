#pragma once

// An image of this machine's own programs with the libraries that they need, for jobs that busybox is not enough for.

#include <string>
#include <vector>

#include "base/result.h"
#include "support/engines.h"

namespace gyre::test {

struct MachineImage {
    std::string name;  // of the image in the engine
    std::string tag = "1";
    std::vector<std::string> programs;  // by name, found in /bin and /usr/bin
    std::vector<std::string> folders =
        {};  // patterns of folders that go in whole, with the libraries of what is in them
};

// Its files, in a directory below `directory`. Root is the only user in it.
Result<std::string> machine_root(const std::string& directory, const MachineImage& image);
// Files on their way go below `directory`.
Result<void> import_machine_image(const RunningEngine& engine, const std::string& directory, const MachineImage& image);

}  // namespace gyre::test
