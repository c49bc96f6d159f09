#include "model/project.h"

#include "model/remote.h"

namespace gyre {

std::string public_remote(const std::string& remote) { return without_credentials(remote).url; }

}  // namespace gyre
