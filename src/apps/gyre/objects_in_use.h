#pragma once

// Which directories of objects running servers use: each holds a lock of the kernel on its own as long as it runs,
// whatever its data directory and its database. Servers on other machines are seen where the file system's locks reach
// them. Objects in a bucket are not seen so.

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::apps {

// Held as long as the answer is there; any number of servers may. A file system without locks is no error: nobody is
// kept from it then, and the log says so.
Fd use_objects(const std::string& directory);

// conflict: a server uses them, and the message says what to do. `data_dir`: the caller's own, which it holds itself.
Result<void> check_objects_unused(const std::string& directory, const std::string& data_dir);

}  // namespace gyre::apps
