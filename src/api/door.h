#pragma once

// Who may come in: a token (header Circle-Token, Authorization Bearer or Basic with the token as user, ?circle-token=),
// or the cookie of a session that a token opened. A cookie changes something only for our own pages (Origin or
// Sec-Fetch-Site says so). Tokens are looked up by their SHA-256; sessions need no memory: their cookie is signed.
// Thread-safe.

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

    // POST {"token": "..."} -> 201 and a cookie; DELETE forgets it. `secure`: the site is https.
    httpd::Response open_session(httpd::Request& request, bool secure);
    httpd::Response close_session(bool secure) const;

private:
    Result<std::optional<std::string>> login_of(const std::string& token_hash);
    std::optional<httpd::Response> check(httpd::Request& request, const std::string& token_hash);

    TokenStore& tokens_;
    const Clock& clock_;
    std::string key_;
    Failures failures_;
};

// Standard base64 with or without padding; nothing for other text.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gyre::api
