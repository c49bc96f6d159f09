#pragma once

// Whether the store does all that we need: writes a small object, reads it back, removes it. Its name is new each time.

#include "adapters/s3/client.h"
#include "base/result.h"

namespace gyre::s3 {

Result<void> probe(Client& client);

}  // namespace gyre::s3
