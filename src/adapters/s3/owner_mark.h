#pragma once

// Whose objects stand beneath a location: an object `installation` as adapters/fs/owner_mark.h has a file. Errors:
// those of the client, and corrupt.

#include <string>

#include "adapters/s3/client.h"
#include "base/result.h"

namespace gyre::s3 {

// Empty: they are nobody's yet.
Result<std::string> read_mark(Client& client);
// Puts a mark unless one is there, and answers whose is there. Of several who do so at once one is first; where the
// server knows no conditions the last one is, which the others see at their next look. unavailable: whoever was first
// did not end.
Result<std::string> put_mark(Client& client, const std::string& installation);
// Whatever is there.
Result<void> replace_mark(Client& client, const std::string& installation);

}  // namespace gyre::s3
