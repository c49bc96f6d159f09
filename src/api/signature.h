#pragma once

// The two things that are signed with the installation's key: paths that open without a token for a while, and the
// cookies of browser sessions. Pure; time is an argument.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gyre::api {

// "<path>?expires=<seconds>&signature=<hex>"; `path` has no query.
std::string sign_path(std::string_view key, const std::string& path, Timestamp expires);
bool is_path_open(std::string_view key, const std::string& path, const std::string& expires,
                  const std::string& signature, Timestamp now);

// A cookie's value: names the token (by its hash) that opened the session, and when the session ends.
std::string make_session(std::string_view key, const std::string& token_hash, Timestamp expires);
std::optional<std::string> read_session(std::string_view key, std::string_view cookie, Timestamp now);  // token hash

}  // namespace gyre::api
