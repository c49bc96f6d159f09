#pragma once

// The post-receive hook of a bare repository: tells the server of every ref that moved, by `gyre trigger --push`. The
// token stands in a file of its own beside the hook (mode 0600), not in the script. A hook that is there already and is
// not ours is left alone: `conflict`.

#include <string>

#include "apps/gyre/api_client.h"
#include "base/result.h"

namespace gyre::apps {

// Answers the path of the script.
Result<std::string> install_hook(const std::string& repository, const std::string& slug, const ServerAddress& address);

// The text of the script; for tests.
std::string hook_script(const std::string& executable, const std::string& slug, const std::string& server,
                        const std::string& token_file);

}  // namespace gyre::apps
