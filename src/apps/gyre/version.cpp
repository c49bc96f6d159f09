#include "apps/gyre/version.h"

namespace gyre::apps {

std::string_view version() { return GYRE_VERSION; }

}  // namespace gyre::apps
