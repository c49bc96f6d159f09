#pragma once

// The keys that tokens of jobs are signed with: ES256 (RFC 7518), one for each quarter of a year, made of the
// installation's secret and the quarter's number. So all servers of an installation have the same ones, nothing is
// stored, and nobody has to rotate them. Told to the world are those of the quarter before, of this one and of the
// next: whoever keeps them for a day misses no change. Pure but for OpenSSL.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::identity {

// A JWT (RFC 7519) of these claims in compact form, signed with the key of the quarter of `now`. `unavailable`: OpenSSL
// does not do it.
Result<std::string> signed_token(std::string_view secret, const json::object& claims, Timestamp now);
// The public keys, as a JWK set (RFC 7517).
Result<json::object> public_token_keys(std::string_view secret, Timestamp now);

}  // namespace gyre::identity
