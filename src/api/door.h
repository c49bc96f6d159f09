#pragma once

// Who may come in: a token (header Circle-Token, Authorization Bearer or Basic with the token as user, ?circle-token=),
// or the cookie of a session that a token opened. A hook's token opens one route of one project only. A cookie changes
// something only for our own pages (Origin or Sec-Fetch-Site says so). Tokens are looked up by their SHA-256; sessions
// need no memory: their cookie is signed. Thread-safe.

#include <optional>
#include <string>

#include "api/failures.h"
#include "base/clock.h"
#include "httpd/message.h"
#include "ports/project_store.h"

namespace gyre::api {

class Door {
public:
    Door(TokenStore& tokens, const Clock& clock, std::string key)
        : tokens_(tokens), clock_(clock), key_(std::move(key)) {}

    // The gatekeeper of every route that needs a caller: sets Request::caller, or answers 401, 403, 429 or 503.
    std::optional<httpd::Response> admit(httpd::Request& request);

    // The gatekeeper of announcing the project's pushes: its hook's token (in a header) will do as well as a person's.
    std::optional<httpd::Response> admit_push(httpd::Request& request, const Result<Project>& project);

    // POST {"token": "..."} -> 201 and a cookie; DELETE forgets it. `secure`: the site is https.
    httpd::Response open_session(httpd::Request& request, bool secure);
    httpd::Response close_session(bool secure) const;

private:
    Result<std::optional<std::string>> login_of(const std::string& token_hash);
    std::optional<httpd::Response> check(httpd::Request& request, const std::string& token_hash);
    // Looks the token up by `login`, which answers whose it is, unless its address has tried too many wrong ones.
    template <typename Lookup>
    std::optional<httpd::Response> check(httpd::Request& request, const std::string& token_hash, Lookup login);
    Result<std::optional<std::string>> hook_of(const Result<Project>& project, const std::string& token_hash);

    TokenStore& tokens_;
    const Clock& clock_;
    std::string key_;
    Failures failures_;
};

// What every hook's token begins with: people see what they hold, and we ask the right table.
inline constexpr std::string_view hook_token_prefix = "gyre-hook-";

// Standard base64 with or without padding; nothing for other text.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gyre::api
