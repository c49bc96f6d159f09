#pragma once

// AWS Signature Version 4, as S3 and everything compatible with it wants requests signed. Written from AWS's "Signature
// Version 4 signing process" and checked against the examples there. Pure: the time is an argument.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace gyre::s3 {

// Never part of an error or a log line.
struct Keys {
    std::string access;
    std::string secret;
    std::string token;  // of a session; empty: a user's own keys
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Wanted {
    std::string method;
    std::string path;          // not encoded: "/bucket/a key"
    Pairs query = {};          // not encoded
    Pairs headers = {};        // names in lower case; all of them are signed; "host" is one
    std::string payload_hash;  // SHA-256 of the body in hex, or "UNSIGNED-PAYLOAD"
};

struct Scope {
    std::string region;
    std::string service = "s3";
};

// Everything but letters, digits and "-._~" becomes %XX; slashes, too, unless they are kept.
std::string uri_encode(std::string_view text, bool keep_slashes);
// The query as it is sent and signed: encoded, and sorted by name and value.
std::string query_text(const Pairs& query);

std::string canonical_request(const Wanted& wanted);
std::string string_to_sign(const Wanted& wanted, const Scope& scope, Timestamp at);
// The value of the header Authorization. `wanted` holds x-amz-date already (amz_date(at)).
std::string authorization(const Wanted& wanted, const Scope& scope, const Keys& keys, Timestamp at);
// The query of a URL that lets whoever has it make this one request for so many seconds, at most a week of them.
std::string presigned_query(Wanted wanted, const Scope& scope, const Keys& keys, Timestamp at, int seconds);

std::string amz_date(Timestamp at);  // 20130524T000000Z

}  // namespace gyre::s3
