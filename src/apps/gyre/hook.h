#pragma once

// The post-receive hook of a bare repository: tells the server of every ref that moved, by `gyre trigger --push`. Its
// token can do nothing else (api/door.h); it stands in a file of its own beside the hook (mode 0600), not in the
// script. A hook that is there already and is not ours is left alone: `conflict`.

#include <string>

#include "apps/gyre/api_client.h"
#include "base/result.h"

namespace gyre::apps {

// Whether a hook can be installed there: to be asked before a token is made, which ends the one before.
Result<void> check_hook_place(const std::string& repository, const std::string& slug);

// `address.token` is the hook's own. Answers the path of the script.
Result<std::string> install_hook(const std::string& repository, const std::string& slug, const ServerAddress& address);

// The text of the script; for tests.
std::string hook_script(const std::string& executable, const std::string& slug, const std::string& server,
                        const std::string& token_file);

}  // namespace gyre::apps
